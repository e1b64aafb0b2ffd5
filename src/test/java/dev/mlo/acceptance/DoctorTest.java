package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The installed command looks at itself, and at a real registry that asks who one is.
@ExtendWith(Installed.class)
class DoctorTest {
  @TempDir Path folder;
  private Path project;

  @BeforeEach
  void lay() throws IOException {
    project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
  }

  private static JsonNode check(JsonNode document, String name) {
    for (JsonNode check : document.path("checks")) {
      if (check.path("name").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check `" + name + "`: " + document);
  }

  @Test
  void theInstallationAndAFreshProjectAreFine(Mlo user) {
    Mlo mlo = user.in(project);
    Outcome fresh = mlo.run("doctor", "-o", "json");
    assertThat(fresh.exit()).as(fresh.toString()).isZero();
    assertThat(fresh.json().path("healthy").asBoolean()).isTrue();
    for (String name : List.of("Java", "AOT caches", "installation", "runner image", "locale")) {
      assertThat(check(fresh.json(), name).path("state").asText()).as(name).isEqualTo("ok");
    }
    assertThat(project.resolve(".mlo")).as("looking makes nothing").doesNotExist();

    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("promote", "--to", "dev", "-q").exit()).isZero();
    Outcome deep = mlo.run("doctor", "--deep");
    assertThat(deep.exit()).as(deep.toString()).isZero();
    assertThat(deep.stdout()).contains("all there and hashed", "in sync", "its chain holds");
    assertThat(mlo.run("doctor", "-q").word()).isIn("ok", "warn");
  }

  @Test
  void aLedgerThatIsGoneIsDamage(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("promote", "--to", "dev", "-q").exit()).isZero();
    assertThat(mlo.run("history", "--verify").exit()).isZero();
    Installed.delete(project.resolve(".mlo/ledger.git"));
    Outcome outcome = mlo.run("doctor");
    assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(9);
    assertThat(outcome.stdout()).containsPattern("fail +ledger").contains("fix: ");
  }

  @Test
  void pushRightIsFoundOutAtARealRegistryWithoutResidue(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    Path data = folder.resolve("registry");
    try (LocalRegistry registry = LocalRegistry.startClosed(data)) {
      String reference = registry.host() + "/ml/iris";
      Outcome nobody = mlo.run("doctor", "--registry", reference, "-o", "json");
      assertThat(nobody.exit()).as(nobody.toString()).isEqualTo(4);
      JsonNode push = check(nobody.json(), "push " + reference);
      assertThat(push.path("detail").asText()).contains("anonymous");
      assertThat(push.path("fix").asText()).isEqualTo("mlo login " + registry.host());

      assertThat(login(mlo, registry.host()).exit()).isZero();
      Outcome alice = mlo.run("doctor", "--registry", reference);
      assertThat(alice.exit()).as(alice.toString()).isZero();
      assertThat(alice.stdout())
          .contains("takes us for alice from ~/.docker/config.json", "allowed", "clock")
          .doesNotContain(LocalRegistry.PASSWORD);
      try (Stream<Path> left = Files.walk(data)) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .as("an upload that goes on, or a blob")
            .doesNotContain("startedat", "_layers", "_manifests", "blobs");
      }
    }
  }

  private static Outcome login(Mlo mlo, String host) {
    String line =
        "printf '%s\\n' \"$PASSWORD\" | exec \"$0\" login \"$1\" -u \"$2\" --password-stdin";
    return Installed.start(
            List.of("sh", "-c", line, mlo.command().toString(), host, LocalRegistry.USER),
            mlo.directory(),
            Map.of("HOME", mlo.home().toString(), "PASSWORD", LocalRegistry.PASSWORD))
        .outcome(Duration.ofMinutes(1));
  }
}
