package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import dev.mlo.backend.ModelException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Starts ONNX Runtime the way `mlo` wants it: without telemetry, and with the native libraries
/// that lie beside this engine's jar, so that nothing is unpacked.
final class Engine {
  /// Read by ONNX Runtime's loader: a directory that holds its native libraries.
  private static final String NATIVE_PATH = "onnxruntime.native.path";

  private Engine() {}

  /// The one environment of the process; ONNX Runtime keeps it.
  static OrtEnvironment start() throws ModelException {
    refuseTelemetry();
    nativeLibraries().ifPresent(Engine::use);
    try {
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "mlo");
    } catch (LinkageError | RuntimeException e) {
      throw new ModelException("ONNX Runtime does not start here: " + rootMessage(e), e);
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private static void use(Path directory) {
    if (System.getProperty(NATIVE_PATH) == null) {
      System.setProperty(NATIVE_PATH, directory.toString());
    }
  }

  private static Optional<Path> nativeLibraries() {
    @Nullable CodeSource source = Engine.class.getProtectionDomain().getCodeSource();
    @Nullable URL location = source == null ? null : source.getLocation();
    if (location == null) {
      return Optional.empty();
    }
    try {
      @Nullable Path folder = Path.of(location.toURI()).getParent();
      if (folder == null) {
        return Optional.empty();
      }
      Path natives = folder.resolve("native");
      return Files.isDirectory(natives) ? Optional.of(natives) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /// ONNX Runtime 1.29 looks up a vendor's host when its library loads, and crashes where there is
  /// no shell, unless this variable is set. Whoever starts the process sets it; this is for the
  /// process that was started by somebody else.
  @SuppressWarnings("restricted") // the process is started with --enable-native-access
  private static void refuseTelemetry() throws ModelException {
    if (System.getenv("ORT_DISABLE_TELEMETRY") != null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("ORT_DISABLE_TELEMETRY");
      int failed = (int) setenv.invokeExact(name, arena.allocateFrom("1"), 1);
      if (failed != 0) {
        throw new ModelException("ONNX Runtime's telemetry could not be switched off");
      }
    } catch (ModelException e) {
      throw e;
    } catch (Throwable e) {
      throw new ModelException("ONNX Runtime's telemetry could not be switched off", e);
    }
  }
}
