package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/// The libraries of this machine.
final class HostLibraries implements LibraryRoot {
  private HostLibraries() {}

  /// @param program the one that decides which loader is needed
  /// @param others all else that will be loaded; what is among them is not looked for on the host
  /// @throws Failure USAGE when this machine has no standard C library, or lacks a library
  static Libraries of(Path program, Collection<Path> others) throws IOException {
    return LibraryWalk.of(new HostLibraries(), Processor.X86_64, program, others);
  }

  /// @throws Failure USAGE when this is not Linux on x86-64
  static void requirePlatform(String os, String architecture) {
    if (!os.equals("Linux") || !(architecture.equals("amd64") || architecture.equals("x86_64"))) {
      throw unusableHost("this machine is %s on %s".formatted(os, architecture));
    }
  }

  static Failure unusableHost(String why) {
    return Failure.of(
            ExitCode.USAGE,
            "the `bundled` base needs Linux on x86-64 with the GNU C library (glibc)")
        .why(why)
        .hint(
            "mlo runner build --base eclipse-temurin:25-jre   (any base with glibc, by registry)");
  }

  @Override
  public Optional<Path> file(String path) throws IOException {
    Path file = Path.of(path);
    return Files.isRegularFile(file) ? Optional.of(file.toRealPath()) : Optional.empty();
  }

  @Override
  public Failure unusable(String why) {
    return unusableHost(why);
  }

  @Override
  public Failure lacks(String library, String user) {
    return Failure.of(ExitCode.USAGE, "this machine lacks the library `%s`".formatted(library))
        .why("`%s` needs it".formatted(user))
        .hint(
            library.startsWith("libstdc++") || library.startsWith("libgcc")
                ? "sudo apt-get install libstdc++6   (Fedora: sudo dnf install libstdc++)"
                : "install it, or choose another base: mlo runner build --base IMAGE");
  }
}
