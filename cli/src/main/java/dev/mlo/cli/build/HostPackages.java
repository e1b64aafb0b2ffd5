package dev.mlo.cli.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which packages of this machine's distribution its libraries come from, as Debian's package
/// database tells. Elsewhere nothing is known, which only makes a bill of materials poorer.
final class HostPackages {
  /// @param name of the package
  record Owner(String name, String version, String architecture) {}

  private final Map<Path, Owner> owners = new TreeMap<>();
  private final Map<String, String> release;

  /// @param root of the file system
  /// @param files as they are found after all links are followed
  HostPackages(Path root, Collection<Path> files) throws IOException {
    this.release = release(root.resolve("etc/os-release"));
    Map<String, Path> wanted = new HashMap<>();
    for (Path file : files) {
      // Packages made before /lib became a link to /usr/lib list their files below /lib.
      wanted.put(file.toString(), file);
      wanted.put(file.toString().replaceFirst("^/usr/", "/"), file);
    }
    Path database = root.resolve("var/lib/dpkg");
    if (Files.isDirectory(database.resolve("info"))) {
      find(database, wanted);
    }
  }

  private void find(Path database, Map<String, Path> wanted) throws IOException {
    Map<String, Owner> installed = installed(database.resolve("status"));
    try (Stream<Path> lists = Files.list(database.resolve("info"))) {
      for (Path list : lists.filter(path -> path.toString().endsWith(".list")).sorted().toList()) {
        String name = list.getFileName().toString().replaceFirst("\\.list$", "");
        @Nullable Owner owner = installed.get(name);
        // The packages that hold libraries are called after them.
        if (owner != null && name.startsWith("lib")) {
          for (String line : lines(list)) {
            @Nullable Path file = wanted.get(line);
            if (file != null) {
              owners.put(file, owner);
            }
          }
        }
      }
    }
  }

  /// By what their lists are called: `NAME`, or `NAME:ARCHITECTURE`.
  private static Map<String, Owner> installed(Path status) throws IOException {
    var installed = new HashMap<String, Owner>();
    Map<String, String> fields = new HashMap<>();
    for (String line : lines(status)) {
      int colon = line.indexOf(": ");
      if (line.isEmpty()) {
        fields.clear();
      } else if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 2));
      }
      if (line.startsWith("Version: ")) {
        Owner owner =
            new Owner(
                fields.getOrDefault("Package", ""),
                fields.getOrDefault("Version", ""),
                fields.getOrDefault("Architecture", ""));
        installed.put(owner.name, owner);
        installed.put(owner.name + ":" + owner.architecture, owner);
      }
    }
    return installed;
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.isRegularFile(file)
        ? Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()
        : List.of();
  }

  private static Map<String, String> release(Path file) throws IOException {
    var release = new HashMap<String, String>();
    for (String line : lines(file)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        release.put(line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
      }
    }
    return release;
  }

  Optional<Owner> owner(Path file) {
    return Optional.ofNullable(owners.get(file));
  }

  /// Such as `debian`; empty when the machine does not say.
  String distribution() {
    return release.getOrDefault("ID", "");
  }

  /// Such as `debian-12`.
  String distributionVersion() {
    return release.getOrDefault("ID", "") + "-" + release.getOrDefault("VERSION_ID", "");
  }
}
