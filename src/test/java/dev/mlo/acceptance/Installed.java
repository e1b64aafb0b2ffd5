package dev.mlo.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives a test the parameter [Mlo]: the command as `install.sh --from` installs it from the built
/// tarball, once for all tests of a run, and for each test a user of its own with an empty home.
public final class Installed implements ParameterResolver {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(Installed.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Mlo.class;
  }

  @Override
  public Mlo resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Prefix prefix =
        context
            .getRoot()
            .getStore(SPACE)
            .getOrComputeIfAbsent(Prefix.class, _ -> Prefix.install(), Prefix.class);
    return context
        .getStore(SPACE)
        .getOrComputeIfAbsent(User.class, _ -> User.create(prefix.command()), User.class)
        .mlo();
  }

  /// Where the command is installed until the last test has run.
  private record Prefix(Path folder) implements AutoCloseable {
    static Prefix install() {
      try {
        Path root = Path.of(System.getProperty("mlo.root", ".")).toRealPath();
        String name = Files.readString(root.resolve("cli/target/distribution")).strip();
        Path tarball = root.resolve("cli/target").resolve(name);
        Prefix prefix = new Prefix(Files.createTempDirectory("mlo-installed-"));
        // Other users of the machine may run it.
        Files.setPosixFilePermissions(
            prefix.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        String installer = root.resolve("install.sh").toString();
        Outcome outcome =
            start(
                    List.of(
                        installer,
                        "--from",
                        tarball.toString(),
                        "--prefix",
                        prefix.folder().toString()),
                    root,
                    Map.of("HOME", prefix.folder().toString()))
                .outcome(Duration.ofMinutes(5));
        if (outcome.exit() != 0) {
          prefix.close();
          throw new IllegalStateException("install.sh failed: " + outcome);
        }
        return prefix;
      } catch (IOException e) {
        throw new IllegalStateException("the distribution is made by mvn package", e);
      }
    }

    Path command() {
      return folder.resolve("bin/mlo");
    }

    @Override
    public void close() throws IOException {
      delete(folder);
    }
  }

  private record User(Mlo mlo) implements AutoCloseable {
    static User create(Path command) {
      try {
        return new User(new Mlo(command, Files.createTempDirectory("mlo-user-")));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      delete(mlo.home());
    }
  }

  /// A process that runs, and what it has said when it ended.
  static Running start(List<String> words, Path directory, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
      String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
      builder.environment().clear();
      builder.environment().put("PATH", path);
      builder.environment().put("LANG", "C.UTF-8");
      builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      return new Running(process, text(process.getInputStream()), text(process.getErrorStream()));
    } catch (IOException e) {
      throw new IllegalStateException("cannot start " + words, e);
    }
  }

  private static CompletableFuture<String> text(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  /// A process under way. Closing it ends it and whatever it started.
  public record Running(
      Process process, CompletableFuture<String> stdout, CompletableFuture<String> stderr)
      implements AutoCloseable {
    /// Waits for the end.
    public Outcome outcome(Duration patience) {
      try {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          close();
          throw new IllegalStateException("still running after " + patience + ": " + this);
        }
        return new Outcome(process.exitValue(), stdout.join(), stderr.join());
      } catch (InterruptedException e) {
        close();
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(process.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /// An installation of the user's own: a test that makes or chooses another runner image would
  /// disturb those beside it.
  static Path copy(Mlo user, Path to) throws IOException {
    Path home = user.command().toRealPath().resolve("../..").normalize();
    Outcome copied =
        start(List.of("cp", "-a", home.toString(), to.toString()), user.home(), Map.of())
            .outcome(Duration.ofMinutes(2));
    if (copied.exit() != 0) {
      throw new IllegalStateException("cannot copy the installation: " + copied);
    }
    try (Stream<Path> files = Files.list(to.resolve("lib"))) {
      for (Path cache : files.filter(file -> file.toString().endsWith(".aot")).toList()) {
        Files.delete(cache);
      }
    }
    return to;
  }

  static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
