package dev.mlo.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Where this `mlo` is installed, and what came with it:
///
/// ```
/// HOME/lib/*.jar              the command
/// HOME/runtime/               the Java of the command and of local runners (jlink)
/// HOME/runner/*.jar           the runner and its libraries
/// HOME/backends/FORMAT/…      one folder an engine: jars and native libraries
/// HOME/natives/OS-ARCH/FORMAT/… what an engine loads on another platform, for images
/// HOME/store/                 an OCI layout: the shared runner image and the engine layers
/// HOME/examples/…             the examples, for `mlo demo`
/// ```
///
/// The launcher names HOME in the system property `mlo.home`.
public record Installation(Path home) {
  /// @throws IllegalStateException when the command was not started by its launcher
  public static Installation current() {
    String home = System.getProperty("mlo.home");
    if (home == null) {
      throw new IllegalStateException("mlo.home is not set: start mlo by its launcher");
    }
    return new Installation(Path.of(home));
  }

  /// The launcher says it too: reading it from the jar would cost the fastest command a third of
  /// its time.
  public static String version() {
    String told = System.getProperty("mlo.version");
    if (told != null) {
      return told;
    }
    try (InputStream in = Installation.class.getResourceAsStream("/dev/mlo/cli/version")) {
      return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  public Path runtime() {
    return home.resolve("runtime");
  }

  /// The `java` that runs the command and local runners.
  public Path java() {
    return runtime().resolve("bin").resolve("java");
  }

  public Path runner() {
    return home.resolve("runner");
  }

  public Path backends() {
    return home.resolve("backends");
  }

  public Path natives() {
    return home.resolve("natives");
  }

  public Path store() {
    return home.resolve("store");
  }

  public Path examples() {
    return home.resolve("examples");
  }
}
