package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.mlo.oci.DeniedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The files and programs that Docker and podman leave behind.
class KeyringTest {
  @TempDir Path home;

  private Map<String, String> environment() {
    var environment = new HashMap<String, String>();
    environment.put("HOME", home.toString());
    environment.put("PATH", home.resolve("bin") + ":/usr/bin:/bin");
    return environment;
  }

  private Keyring docker(String json) throws IOException {
    Path file = home.resolve(".docker/config.json");
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(file, json);
    return new Keyring(environment());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void helper(String name, String script) throws IOException {
    Path program =
        Files.createDirectories(home.resolve("bin")).resolve("docker-credential-" + name);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private static Credentials password(String user, String secret) {
    return new Credentials.Password(user, secret, "~/.docker/config.json");
  }

  @Test
  void nobodyIsLoggedInWithoutAFile() throws IOException {
    assertThat(new Keyring(environment()).find("r.example", null))
        .isEqualTo(new Credentials.Anonymous());
  }

  @Test
  void aPasswordMayHaveColons() throws IOException {
    Keyring keyring =
        docker("{\"auths\":{\"r.example:5000\":{\"auth\":\"%s\"}}}".formatted(base64("a:b:c")));
    assertThat(keyring.find("r.example:5000", null)).isEqualTo(password("a", "b:c"));
    assertThat(keyring.find("r.example", null)).isEqualTo(new Credentials.Anonymous());
  }

  @Test
  void aProgramThatFailsIsToldWithItsRegistry() throws IOException {
    helper("broken", "exit 1");
    docker("{\"credsStore\":\"broken\"}");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
          exchange.sendResponseHeaders(401, -1);
          exchange.close();
        });
    server.start();
    try {
      String host = "127.0.0.1:" + server.getAddress().getPort();
      var registries = new Registries(Registries.Options.of(environment()), new FakeTime());
      DeniedException denied =
          catchThrowableOfType(
              DeniedException.class, () -> registries.open(host, "ml/iris").find("1.0.0"));
      assertThat(denied).hasMessageContaining("docker-credential-broken");
      assertThat(denied.registry()).isEqualTo(host);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void dockerHubGoesByItsOldName() throws IOException {
    Keyring keyring =
        docker(
            "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"%s\"}}}"
                .formatted(base64("a:b")));
    assertThat(keyring.find("docker.io", "library/x")).isEqualTo(password("a", "b"));
  }

  @Test
  void theLongestPathDecides() throws IOException {
    Keyring keyring =
        docker(
            "{\"auths\":{\"r.example\":{\"auth\":\"%s\"},\"r.example/ml\":{\"auth\":\"%s\"}}}"
                .formatted(base64("all:1"), base64("ml:2")));
    assertThat(keyring.find("r.example", "ml/iris")).isEqualTo(password("ml", "2"));
    assertThat(keyring.find("r.example", "mlx/iris")).isEqualTo(password("all", "1"));
  }

  @Test
  void aHelperIsAskedWithTheServerOnItsInput() throws IOException {
    helper(
        "here",
        """
        [ "$1" = get ] && [ "$(cat)" = r.example ] || exit 1
        echo '{"ServerURL":"r.example","Username":"<token>","Secret":"refresh"}'
        """);
    Keyring keyring = docker("{\"credHelpers\":{\"r.example\":\"here\"}}");
    assertThat(keyring.find("r.example", null))
        .isInstanceOfSatisfying(
            Credentials.IdentityToken.class,
            found -> assertThat(found.token()).isEqualTo("refresh"));
  }

  @Test
  void aHelperThatHasNothingIsNoError() throws IOException {
    helper("none", "echo 'credentials not found in native keychain'; exit 1\n");
    assertThat(docker("{\"credsStore\":\"none\"}").find("r.example", null))
        .isEqualTo(new Credentials.Anonymous());
  }

  @Test
  void aHelperThatFailsIsNamed() throws IOException {
    helper("sick", "echo 'the vault is sealed' >&2; exit 1\n");
    Keyring sick = docker("{\"credsStore\":\"sick\"}");
    assertThatThrownBy(() -> sick.find("r.example", null))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("docker-credential-sick");
    Keyring missing = docker("{\"credsStore\":\"missing\"}");
    assertThatThrownBy(() -> missing.find("r.example", null))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("docker-credential-missing");
    Keyring path = docker("{\"credsStore\":\"../../bin/sh\"}");
    assertThatThrownBy(() -> path.find("r.example", null)).isInstanceOf(DeniedException.class);
  }

  @Test
  void aHelperThatHangsOrTalksWithoutEndIsEnded() throws IOException {
    helper("hangs", "exec sleep 600\n");
    helper("talks", "exec cat /dev/zero\n");
    var told = new ArrayList<String>();
    RegistryLog log =
        new RegistryLog() {
          @Override
          public void waiting(String who, String what, Duration atMost) {
            told.add(who + " " + what);
          }

          @Override
          public void again(String registry, String why, Duration pause, int next, int of) {}
        };
    var hangs =
        new CredentialProgram("hangs", "a test", environment(), Duration.ofMillis(300), log);
    assertThatThrownBy(() -> hangs.get("r.example"))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("docker-credential-hangs get failed: no answer within");
    assertThat(told).hasSize(7).contains("docker-credential-hangs it says nothing");
    Keyring talks = docker("{\"credsStore\":\"talks\"}");
    assertThatThrownBy(() -> talks.find("r.example", null))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("docker-credential-talks get failed: it says more than 256 KiB");
  }

  @Test
  void loginsAtOnceLoseNoneOfEachOther() throws Exception {
    Keyring keyring = docker("{\"auths\":{\"old\":{\"auth\":\"eA==\"}}}");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var work = new ArrayList<Callable<Keyring.Place>>();
      for (int i = 0; i < 24; i++) {
        String host = "r%d.example".formatted(i);
        work.add(() -> new Keyring(environment()).store(host, "a", host));
      }
      for (Future<Keyring.Place> done : threads.invokeAll(work)) {
        done.get();
      }
      for (int i = 0; i < 24; i++) {
        String host = "r%d.example".formatted(i);
        assertThat(keyring.find(host, null)).isEqualTo(password("a", host));
      }
      work.clear();
      for (int i = 0; i < 24; i++) {
        String host = "r%d.example".formatted(i);
        work.add(() -> new Keyring(environment()).erase(host, false).getFirst());
      }
      for (Future<Keyring.Place> done : threads.invokeAll(work)) {
        done.get();
      }
    }
    String left = Files.readString(home.resolve(".docker/config.json"));
    assertThat(left).contains("old").doesNotContain("example");
  }

  @Test
  void aDamagedFileIsNamedAndNotShown() throws IOException {
    Keyring keyring = docker("{\"auths\":{\"r.example\":{\"auth\":\"hunter2");
    assertThatThrownBy(() -> keyring.find("r.example", null))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("~/.docker/config.json")
        .message()
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"auths\":[]}",
        "{\"auths\":{\"r.example\":\"x\"}}",
        "{\"auths\":{\"r.example\":{\"auth\":\"!\"}}}",
        "{\"credsStore\":[1]}"
      })
  void aDamagedFileIsToBeMended(String json) throws IOException {
    Keyring keyring = docker(json);
    assertThat(
            catchThrowableOfType(DeniedException.class, () -> keyring.find("r.example", null))
                .remedy())
        .contains("mend ~/.docker/config.json");
  }

  @Test
  @Timeout(20)
  void nobodyWaitsForWhatIsNoFile() throws Exception {
    Keyring keyring = docker("{}");
    Path file = home.resolve(".docker/config.json");
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> keyring.find("r.example", null))
        .isInstanceOf(DeniedException.class)
        .hasMessageEndingWith("it is no file");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/zero"));
    assertThatThrownBy(() -> keyring.find("r.example", null)).isInstanceOf(DeniedException.class);
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/null"));
    assertThat(keyring.find("r.example", null)).isEqualTo(new Credentials.Anonymous());
    Files.delete(file);
  }

  @Test
  void whatIsStoredLeavesTheRestAloneAndIsErasedAgain() throws IOException {
    Keyring keyring = docker("{\"zeta\":1,\"auths\":{\"other\":{\"auth\":\"eA==\"}},\"alpha\":{}}");
    keyring.store("r.example", "a", "b:c");
    Path file = home.resolve(".docker/config.json");
    assertThat(keyring.find("r.example", null)).isEqualTo(password("a", "b:c"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String stored = Files.readString(file);
    assertThat(stored.indexOf("zeta")).isBetween(0, stored.indexOf("alpha"));
    assertThat(keyring.erase("r.example", false)).hasSize(1);
    assertThat(keyring.find("r.example", null)).isEqualTo(new Credentials.Anonymous());
    assertThat(Files.readString(file)).contains("other").doesNotContain("r.example");
  }

  @Test
  void noSecretShowsInText() {
    assertThat(new Credentials.Password("a", "hunter2", "x").toString()).doesNotContain("hunter2");
    assertThat(new Credentials.IdentityToken("hunter2", "x").toString()).doesNotContain("hunter2");
    assertThat(new Credentials.RegistryToken("hunter2", "x").toString()).doesNotContain("hunter2");
  }
}
