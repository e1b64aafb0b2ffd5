import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The native libraries that a jar carries for every platform below `…/native/PLATFORM/`, as ONNX
/// Runtime's does: 180 MB of which one platform needs 28.
final class Natives {
  private final Path jar;
  private final String platform;

  Natives(Path jar, String platform) {
    this.jar = jar;
    this.platform = platform;
  }

  boolean covers(String name) {
    return name.startsWith("native/") || name.contains("/native/");
  }

  boolean any() throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.stream().anyMatch(this::wanted);
    }
  }

  private boolean wanted(ZipEntry entry) {
    return !entry.isDirectory()
        && covers(entry.getName())
        && entry.getName().contains("native/" + platform + "/");
  }

  /// @return the names of the files
  List<String> extract(Path folder) throws IOException {
    var names = new ArrayList<String>();
    Files.createDirectories(folder);
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        if (wanted(entry)) {
          String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, folder.resolve(name));
          }
          names.add(name);
        }
      }
    }
    return names;
  }
}
