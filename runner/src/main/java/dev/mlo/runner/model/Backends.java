package dev.mlo.runner.model;

import dev.mlo.backend.Backend;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/// The engines this process has, one class loader each for the life of the process: native engines
/// do not unload, so models are swapped and engines never are.
public final class Backends {
  private final Map<String, Backend> byFormat;

  private Backends(Map<String, Backend> byFormat) {
    this.byFormat = Map.copyOf(byFormat);
  }

  /// Engines that are already on the class path.
  public static Backends of(Collection<Backend> backends) {
    var byFormat = new TreeMap<String, Backend>();
    backends.forEach(backend -> byFormat.put(backend.format(), backend));
    return new Backends(byFormat);
  }

  /// Every engine below `directory/FORMAT/*.jar`; none when there is no such directory.
  ///
  /// @throws VersionException when a folder holds no working engine
  public static Backends load(Path directory) throws IOException, VersionException {
    var byFormat = new TreeMap<String, Backend>();
    if (Files.isDirectory(directory)) {
      ClassLoader parent = new EngineLoader(Backends.class.getClassLoader());
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory)) {
        for (Path folder : folders) {
          List<URL> jars = jars(folder);
          if (!jars.isEmpty()) {
            Backend backend = engine(folder, jars, parent);
            byFormat.put(backend.format(), backend);
          }
        }
      }
    }
    return new Backends(byFormat);
  }

  private static List<URL> jars(Path folder) throws IOException {
    var jars = new ArrayList<URL>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
        for (Path jar : files) {
          jars.add(url(jar));
        }
      }
    }
    return jars;
  }

  private static URL url(Path jar) throws IOException {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IOException("the engine `" + jar + "` has no URL", e);
    }
  }

  private static Backend engine(Path folder, List<URL> jars, ClassLoader parent)
      throws VersionException {
    String name = "mlo-engine-" + folder.getFileName();
    // Never closed: the engine lives as long as the process.
    @SuppressWarnings("resource")
    var loader = new URLClassLoader(name, jars.toArray(URL[]::new), parent);
    try {
      return ServiceLoader.load(Backend.class, loader)
          .findFirst()
          .orElseThrow(
              () -> new VersionException("backend_broken", "`" + folder + "` holds no engine"));
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new VersionException(
          "backend_broken", "the engine in `" + folder + "` does not load: " + e.getMessage(), e);
    }
  }

  public List<String> formats() {
    return byFormat.keySet().stream().sorted().toList();
  }

  Optional<Backend> find(String format) {
    return Optional.ofNullable(byFormat.get(format));
  }
}
