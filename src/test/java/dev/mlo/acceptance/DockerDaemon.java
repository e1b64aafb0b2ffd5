package dev.mlo.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A Docker Engine of its own: own socket, own data, own network bridge, ended by its process. It
/// changes no rule of the firewall; what it publishes is passed on by its own processes.
record DockerDaemon(Process process, Path directory, String bridge) implements AutoCloseable {
  private static final List<Path> PROGRAMS =
      List.of(Path.of("/usr/sbin/dockerd"), Path.of("/usr/bin/dockerd"));

  /// Skips the test where there is no engine, or none can be started.
  static DockerDaemon start(Path directory) throws IOException {
    Path program = PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElse(null);
    Assumptions.assumeTrue(program != null, "the package docker.io is missing");
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "only root can start an engine");
    Files.createDirectories(directory);
    String bridge = addBridge(directory);
    Process process =
        new ProcessBuilder(
                String.valueOf(program),
                "--bridge",
                bridge,
                "--iptables=false",
                "--ip-masq=false",
                "--ip-forward=false",
                "--host",
                socket(directory),
                "--data-root",
                directory.resolve("data").toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString())
            .redirectErrorStream(true)
            .start();
    var said = new ArrayList<String>();
    BufferedReader log = process.inputReader(StandardCharsets.UTF_8);
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      said.add(line);
      if (line.contains("API listen on")) {
        Thread.ofVirtual().start(() -> discard(log));
        return new DockerDaemon(process, directory, bridge);
      }
    }
    ip(directory, "link", "delete", bridge);
    return Assumptions.abort("dockerd does not start here: " + said.getLast());
  }

  /// Keeps the engine from waiting for a reader of its log, until its process is gone.
  private static void discard(BufferedReader log) {
    try (log) {
      log.transferTo(Writer.nullWriter());
    } catch (IOException _) {
      return; // The end of the process closes the stream under its reader.
    }
  }

  /// Each engine has a network of its own, so that several can run at once, beside one of the
  /// machine and what an interrupted test left behind.
  private static String addBridge(Path directory) throws IOException {
    while (true) {
      int number = ThreadLocalRandom.current().nextInt();
      String bridge = "mlo%08x".formatted(number);
      String address = "10.213." + Math.floorMod(number, 250) + ".1";
      boolean made =
          ip(directory, "link", "add", bridge, "type", "bridge")
              && ip(directory, "address", "add", address + "/24", "dev", bridge)
              && ip(directory, "link", "set", bridge, "up");
      Assumptions.assumeTrue(made, "no network bridge can be made here");
      if (bearers(address) == 1) {
        return bridge;
      }
      ip(directory, "link", "delete", bridge);
    }
  }

  /// How many of the machine's interfaces have an address.
  private static long bearers(String address) throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(each -> each.getHostAddress().equals(address))
        .count();
  }

  private static boolean ip(Path directory, String... words) throws IOException {
    Path program = Path.of("/usr/sbin/ip");
    Assumptions.assumeTrue(Files.isExecutable(program), "the package iproute2 is missing");
    var line = new ArrayList<>(List.of(program.toString()));
    line.addAll(List.of(words));
    return Installed.start(line, directory, Map.of()).outcome(Duration.ofMinutes(1)).exit() == 0;
  }

  /// What to set as `DOCKER_HOST`.
  String host() {
    return socket(directory);
  }

  private static String socket(Path directory) {
    return "unix://" + directory.resolve("s.sock");
  }

  /// Runs `docker …` against this engine.
  Outcome docker(String... words) {
    var line = new ArrayList<>(List.of("docker"));
    line.addAll(List.of(words));
    return Installed.start(line, directory, Map.of("DOCKER_HOST", socket(directory)))
        .outcome(Duration.ofMinutes(3));
  }

  /// Waits until a container has said something; fails when it ends without.
  void awaitLog(String container, String beginning) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("docker", "logs", "--follow", container).redirectErrorStream(true);
    builder.environment().put("DOCKER_HOST", socket(directory));
    Process follow = builder.start();
    try (BufferedReader log = follow.inputReader(StandardCharsets.UTF_8)) {
      var said = new ArrayList<String>();
      for (String line = log.readLine(); line != null; line = log.readLine()) {
        said.add(line);
        if (line.startsWith(beginning)) {
          return;
        }
      }
      throw new AssertionError(container + " ended: " + said);
    } finally {
      follow.destroy();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    ip(directory, "link", "delete", bridge);
    Installed.delete(directory);
  }
}
