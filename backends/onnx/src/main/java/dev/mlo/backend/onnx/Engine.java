package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.mlo.backend.ModelException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import java.util.regex.Pattern;

/// Starts ONNX Runtime, once a process.
final class Engine {
  private static final String NATIVE_PATH = "onnxruntime.native.path";
  private static final Pattern CODE =
      Pattern.compile("^Error code - (ORT_\\w+) - message: ", Pattern.CASE_INSENSITIVE);

  /// Where in its own source the engine noticed: file, line and function, and the function's
  /// template parameters.
  private static final Pattern PLACE =
      Pattern.compile(
          "/onnxruntime_src/\\S+\\.(?:cc|h):\\d+ (?:[^;()]*\\([^()]*\\)(?: const)?"
              + " )?(?:\\[ONNXRuntimeError] : \\d+ : \\w+ : )?"
              + "|\\b\\w+\\.(?:cc|h):\\d+ (?:operator\\(\\)|\\w+) "
              + "|\\bonnxruntime::\\S+\\([^()]*\\)(?: const)?(?:::<lambda\\([^()]*\\)>)? "
              + "|\\[with [^\\[\\]]*] ");

  /// Which file it read; whoever reads this knows.
  private static final Pattern FILE = Pattern.compile("^Load model from .*? failed:\\s*");

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /// More than any message that tells something, in characters.
  private static final int MAX_REASON = 2000;

  private Engine() {}

  /// The one environment; the first call bounds the memory of the process and loads the native
  /// libraries, from the folder `native` beside this class's jar when there is one, else out of the
  /// engine's own jar.
  static synchronized OrtEnvironment environment() throws ModelException {
    if (System.getProperty(NATIVE_PATH) == null) {
      natives().ifPresent(folder -> System.setProperty(NATIVE_PATH, folder.toString()));
    }
    disableTelemetry();
    MemoryLimit.set();
    try {
      // Refused inputs are reported to whoever sent them; the engine's log would repeat each.
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "mlo");
    } catch (LinkageError | IllegalStateException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new ModelException(
          "ONNX Runtime does not start: %s (it needs glibc, libstdc++ and a writable `%s`)"
              .formatted(root, System.getProperty("java.io.tmpdir")),
          e);
    }
  }

  /// What the engine says of a failure, on one line, without its error code and its source code.
  static String reason(OrtException e) {
    String message = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", "; ");
    message = FILE.matcher(CODE.matcher(message).replaceFirst("")).replaceFirst("");
    message = CONTROL.matcher(PLACE.matcher(message).replaceAll("")).replaceAll("?");
    return message.length() <= MAX_REASON ? message : message.substring(0, MAX_REASON) + "…";
  }

  private static Optional<Path> natives() {
    CodeSource source = Engine.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    try {
      Path folder = Path.of(source.getLocation().toURI()).resolveSibling("native");
      return Optional.of(folder).filter(Files::isDirectory);
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Since 1.29 the native library looks up a vendor's host when it loads, and crashes where there
  /// is no shell, unless `ORT_DISABLE_TELEMETRY` is in the environment of the process (reported as
  /// microsoft/onnxruntime 32173). The JVM cannot change that environment; C can.
  private static void disableTelemetry() {
    if (System.getenv("ORT_DISABLE_TELEMETRY") == null) {
      LibC.setenv("ORT_DISABLE_TELEMETRY", "1");
    }
  }
}
