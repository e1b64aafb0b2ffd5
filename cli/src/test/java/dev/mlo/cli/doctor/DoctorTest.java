package dev.mlo.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.cli.project.Workspace;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final String SECRET = "not-the-right-one";

  @TempDir Path temp;
  private Path project;
  private Workspace workspace;
  private Descriptor image;

  @BeforeEach
  void build() throws IOException {
    project = Files.createDirectories(temp.resolve("project"));
    Files.writeString(project.resolve("mlops.yaml"), "name: iris\nmodel: model.onnx\n");
    Files.writeString(project.resolve("model.onnx"), "a model");
    workspace = Workspace.of(project);
    image = ModelImage.write(LayoutStore.create(workspace.store()), "iris", "1.0.0");
  }

  private Doctor.Result examine(List<String> registries, boolean deep, String... more)
      throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", temp.resolve("home").toString());
    environment.put("PATH", "/usr/bin:/bin");
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return new Doctor(new Installation(temp.resolve("nowhere")))
        .examine(new Doctor.Request(project, registries, deep, environment));
  }

  private static Check check(Doctor.Result result, String name) {
    return result.checks().stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no check " + name + " in " + result));
  }

  private static Check.Broken broken(Doctor.Result result, String name) {
    return (Check.Broken) check(result, name);
  }

  /// What lies in the project, by path: size and time.
  private Map<String, String> seen() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(project)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(file.toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
      }
    }
    return files;
  }

  @Test
  void aSoundProjectIsFineAndNothingIsChanged() throws IOException {
    Map<String, String> before = seen();
    Doctor.Result result = examine(List.of(), true);
    assertThat(seen()).isEqualTo(before);
    assertThat(check(result, "project")).isInstanceOf(Check.Fine.class);
    assertThat(check(result, "store").detail())
        .isEqualTo("1 entries, 4 blobs, all there and hashed");
    assertThat(check(result, "durability").detail()).contains("links work");
    assertThat(check(result, "ledger")).isInstanceOf(Check.Fine.class);
    assertThat(check(result, "environment dev").detail()).isEqualTo("empty");
  }

  @Test
  void aTruncatedBlobFailsWithTheCodeOfDamage() throws IOException {
    Path blob = workspace.store().resolve("blobs/sha256").resolve(image.digest().hex());
    Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(blob, "{");
    Doctor.Result result = examine(List.of(), false);
    assertThat(broken(result, "store").code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(broken(result, "store").fix()).contains("mlo build");
    assertThat(result.code()).isEqualTo(ExitCode.INTEGRITY);
  }

  @Test
  void aPointerThatNoPromotionMadeIsDrift() throws IOException {
    LayoutStore dev = LayoutStore.create(workspace.environment("dev"));
    Descriptor other = ModelImage.write(dev, "iris", "9.9.9");
    dev.tag("iris:dev", other);
    Check.Broken drift = broken(examine(List.of(), false), "environment dev");
    assertThat(drift.code()).isEqualTo(ExitCode.DRIFT);
    assertThat(drift.detail()).startsWith("foreign write: ");
    assertThat(drift.fix()).contains("mlo ");
  }

  @Test
  void whoHashesOnEveryProcessorKeepsNobodyWaiting() throws IOException {
    var answered = new CountDownLatch(1);
    var questions = new ArrayList<Question>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      questions.add(
          new Question(
              "store",
              Duration.ofHours(1),
              () -> {
                Instant end = Instant.now().plus(Question.USUAL).plus(Question.USUAL);
                while (answered.getCount() > 0 && Instant.now().isBefore(end)) {
                  Thread.onSpinWait();
                }
                return List.of();
              }));
    }
    questions.add(
        Question.of(
            "locale",
            () -> {
              answered.countDown();
              return List.of(new Check.Fine("locale", "answered"));
            }));
    assertThat(Doctor.ask(questions)).containsExactly(new Check.Fine("locale", "answered"));
  }

  @Test
  void aMachineThatIsTooBusyToTryTheCachesIsNoFailure() throws IOException, InterruptedException {
    Path home = temp.resolve("home");
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("bin/mlo"), "aot_key=0123456789abcdef\n");
    Files.createDirectories(home.resolve("lib"));
    Files.createFile(home.resolve("lib/mlo-0123456789abcdef-page.aot"));
    Path java = Files.createDirectories(home.resolve("runtime/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nexec sleep 60\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<Check> checks = new InstallationQuestions(new Installation(home), false).java();
    assertThat(checks.getLast())
        .isInstanceOfSatisfying(
            Check.Doubtful.class,
            check -> assertThat(check.detail()).startsWith("not tried: Java does not start"));
  }

  @Test
  void anInstallationWithoutItsFilesIsDamaged() throws IOException {
    assertThat(broken(examine(List.of(), false), "installation").detail())
        .contains("lib/mlo.jar is missing", "bin/mlo is missing");
  }

  @Test
  void aRegistryThatRefusesThePasswordIsToldWithTheAccountAndWithoutTheSecret() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"mlo\"");
          exchange.sendResponseHeaders(401, -1);
          exchange.close();
        });
    server.start();
    try {
      String host = "127.0.0.1:" + server.getAddress().getPort();
      String login = Base64.getEncoder().encodeToString(("alice:" + SECRET).getBytes(UTF_8));
      Path docker = Files.createDirectories(temp.resolve("home/.docker"));
      Files.writeString(
          docker.resolve("config.json"),
          "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(host, login));

      Doctor.Result result = examine(List.of(host + "/ml/iris"), false);

      Check.Broken push = broken(result, "push " + host + "/ml/iris");
      assertThat(push.code()).isEqualTo(ExitCode.DENIED);
      assertThat(push.detail()).contains("alice from ~/.docker/config.json", "401");
      assertThat(push.fix()).isEqualTo("mlo login " + host);
      assertThat(check(result, "registry " + host).detail()).startsWith("http, wants a password");
      assertThat(result.toString()).doesNotContain(SECRET).doesNotContain(login);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aRegistryThatIsNotThereIsTheNetworksFault() throws IOException {
    Doctor.Result result = examine(List.of("127.0.0.1:1/ml/iris"), false);
    Check.Broken gone = broken(result, "registry 127.0.0.1:1");
    assertThat(gone.code()).isEqualTo(ExitCode.NETWORK);
    assertThat(gone.detail()).contains("127.0.0.1:1", "refused");
  }

  @Test
  void aProxysPasswordIsNotShown() throws IOException {
    Doctor.Result good =
        examine(
            List.of(), false, "HTTPS_PROXY", "http://bob:" + SECRET + "@proxy.example.com:3128");
    assertThat(check(good, "HTTPS_PROXY").detail())
        .isEqualTo("proxy.example.com:3128, with an account");
    Doctor.Result bad = examine(List.of(), false, "HTTPS_PROXY", "socks5://bob:" + SECRET + "@x y");
    assertThat(broken(bad, "HTTPS_PROXY").code()).isEqualTo(ExitCode.USAGE);
    assertThat(good + "" + bad).doesNotContain(SECRET);
  }

  @Test
  void aClockMayDifferByMinutesOnly() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(RegistryQuestion.clock(now, now.plusSeconds(299))).isInstanceOf(Check.Fine.class);
    assertThat(RegistryQuestion.clock(now, now.plus(Duration.ofMinutes(7))).detail())
        .isEqualTo("7 minutes ahead of the registry's");
    assertThat(RegistryQuestion.clock(now, now.minus(Duration.ofHours(1))))
        .isInstanceOf(Check.Doubtful.class);
  }

  @Test
  void aManifestWithMistakesFailsAsItDoesElsewhere() throws IOException {
    Files.writeString(project.resolve("mlops.yaml"), "name: iris\nmodle: model.onnx\n");
    Doctor.Result result = examine(List.of(), false);
    assertThat(broken(result, "project").code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(check(result, "store").detail()).contains("all there");
  }

  @Test
  void whatNamesNoRegistryIsWrongUsage() {
    for (String text : List.of("iris:1.0.0", "registry.example.com", "../x", "oci:dir")) {
      assertThatThrownBy(() -> examine(List.of(text), false))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.USAGE));
    }
  }

  @Test
  void theWorstFailureDecides() {
    Check drift = new Check.Broken("a", "", "", ExitCode.DRIFT);
    Check damage = new Check.Broken("b", "", "", ExitCode.INTEGRITY);
    Check doubt = new Check.Doubtful("c", "", "");
    assertThat(new Doctor.Result(List.of(doubt)).code()).isEqualTo(ExitCode.DONE);
    assertThat(new Doctor.Result(List.of(drift, doubt)).code()).isEqualTo(ExitCode.DRIFT);
    assertThat(new Doctor.Result(List.of(drift, damage)).code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(new Doctor.Result(List.of(new Check.Broken("d", "", "", ExitCode.USAGE))).code())
        .isEqualTo(ExitCode.UNEXPECTED);
  }
}
