package dev.mlo.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/// A registry of the package docker-registry on a free port of this machine.
record LocalRegistry(Process process, String host) implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  /// Who the registry of [#startClosed] lets in.
  static final String USER = "alice";

  static final String PASSWORD = "s3cret: pass";

  /// bcrypt, the only kind the registry takes.
  private static final String HASH = "$2b$04$PaX414Xnz.hKl1J9B77ks.3vOQGW2anZBjZOzz.pUvYtYF2c6FIXq";

  /// Lets everybody in.
  ///
  /// @param directory for its configuration and its data
  static LocalRegistry start(Path directory) throws IOException {
    return start(directory, "", "");
  }

  /// Lets everybody in, with TLS; `directory/ca.crt` vouches for it.
  static LocalRegistry startTls(Path directory) throws Exception {
    Files.createDirectories(directory);
    Path keys = directory.resolve("keys.p12");
    Outcome made =
        Installed.start(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-validity",
                    "2",
                    "-alias",
                    "registry",
                    "-dname",
                    "CN=registry",
                    "-ext",
                    "san=ip:127.0.0.1",
                    "-storepass",
                    PASSWORD,
                    "-keystore",
                    keys.toString()),
                directory,
                Map.of())
            .outcome(Duration.ofMinutes(1));
    if (made.exit() != 0) {
      throw new IOException("keytool: " + made);
    }
    KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
    pem(directory.resolve("ca.crt"), "CERTIFICATE", store.getCertificate("registry").getEncoded());
    pem(
        directory.resolve("key.pem"),
        "PRIVATE KEY",
        store.getKey("registry", PASSWORD.toCharArray()).getEncoded());
    String tls =
        "{certificate: \"%s\", key: \"%s\"}"
            .formatted(directory.resolve("ca.crt"), directory.resolve("key.pem"));
    return start(directory, "", ", tls: " + tls);
  }

  private static void pem(Path file, String what, byte[] bytes) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(what, Base64.getMimeEncoder().encodeToString(bytes), what));
  }

  /// Lets in one user, with a password.
  static LocalRegistry startClosed(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path users = Files.writeString(directory.resolve("users"), USER + ":" + HASH + "\n");
    return start(directory, "auth: {htpasswd: {realm: mlo, path: \"%s\"}}\n".formatted(users), "");
  }

  private static LocalRegistry start(Path directory, String more, String http) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "the package docker-registry is missing");
    Files.createDirectories(directory);
    Path config =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: "%s"}}
            http: {addr: "127.0.0.1:0"%s}
            """
                    .formatted(directory.resolve("data"), http)
                + more);
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader log = process.inputReader(StandardCharsets.UTF_8);
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        Thread.ofVirtual().start(() -> log.lines().forEach(_ -> {}));
        return new LocalRegistry(process, listening.group(1));
      }
    }
    throw new IOException("docker-registry ended");
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
