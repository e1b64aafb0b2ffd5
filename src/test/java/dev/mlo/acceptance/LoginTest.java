package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A real registry that asks who one is.
@ExtendWith(Installed.class)
class LoginTest {
  @TempDir Path folder;

  @Test
  void whoIsLoggedInPushesAndPullsAndWhoIsNotIsToldHow(Mlo user) throws IOException {
    Path project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.in(project);
    Outcome built = mlo.run("build", "-q");
    try (LocalRegistry registry = LocalRegistry.startClosed(folder.resolve("registry"))) {
      String host = registry.host();
      String reference = host + "/ml/iris:1.0.0";

      Outcome closed = mlo.run("push", "iris:1.0.0", reference);
      assertThat(closed.exit()).as(closed.toString()).isEqualTo(4);
      assertThat(closed.stderr()).contains("anonymous").contains("hint: mlo login " + host);

      Outcome wrong = login(mlo, host, "guess");
      assertThat(wrong.exit()).as(wrong.toString()).isEqualTo(4);
      assertThat(wrong.stderr()).contains(LocalRegistry.USER).doesNotContain("guess");
      Path kept = mlo.home().resolve(".docker/config.json");
      assertThat(kept).doesNotExist();

      Outcome right = login(mlo, host, LocalRegistry.PASSWORD);
      assertThat(right.exit()).as(right.toString()).isZero();
      assertThat(right.stdout() + right.stderr()).doesNotContain(LocalRegistry.PASSWORD);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
          .isEqualTo("rw-------");

      Outcome pushed = mlo.run("push", "iris:1.0.0", reference, "-q");
      assertThat(pushed.exit()).as(pushed.toString()).isZero();
      assertThat(pushed.word()).endsWith(built.word().substring(built.word().indexOf('@')));
      Path other = Files.createDirectory(folder.resolve("other"));
      Outcome pulled = mlo.in(other).run("pull", reference);
      assertThat(pulled.exit()).as(pulled.toString()).isZero();

      assertThat(mlo.run("logout", host).exit()).isZero();
      assertThat(mlo.run("inspect", reference).exit()).isEqualTo(4);
      assertThat(Files.readString(kept)).doesNotContain(host);
    }
  }

  @Test
  void aPasswordOnTheCommandLineIsRefusedAndNotRepeated(Mlo mlo) {
    for (String word : List.of("--password=hunter2", "-phunter2")) {
      Outcome outcome = mlo.run("login", "registry.example.com", "-u", "alice", word);
      assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(2);
      assertThat(outcome.stderr()).contains("--password-stdin").doesNotContain("hunter2");
    }
  }

  @Test
  void aRegistryThatIsDownIsNamed(Mlo mlo) throws IOException {
    String host;
    try (LocalRegistry registry = LocalRegistry.start(folder.resolve("registry"))) {
      host = registry.host();
    }
    Outcome outcome = login(mlo, host, "any");
    assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(7);
    assertThat(outcome.stderr()).contains(host).contains("hint: ");
  }

  private static Outcome login(Mlo mlo, String host, String password) {
    String line =
        "printf '%s\\n' \"$PASSWORD\" | exec \"$0\" login \"$1\" -u \"$2\" --password-stdin";
    return Installed.start(
            List.of("sh", "-c", line, mlo.command().toString(), host, LocalRegistry.USER),
            mlo.directory(),
            Map.of("HOME", mlo.home().toString(), "PASSWORD", password))
        .outcome(Duration.ofMinutes(1));
  }
}
