import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which Maven artifact each file of the runner and the engines is: `licenses/parts.json`, from
/// which the installed command makes bills of materials.
final class PartsList {
  private final SortedMap<String, String> lines = new TreeMap<>();
  private final String version;

  /// @param version of our own artifacts
  PartsList(String version) {
    this.version = version;
  }

  /// @param file in the distribution
  /// @param jar what it was copied from
  void add(String file, Path jar) throws IOException {
    add(file, jar, true);
  }

  /// A file that was taken out of a jar.
  void addExtracted(String file, Path jar) throws IOException {
    add(file, jar, false);
  }

  private void add(String file, Path jar, boolean library) throws IOException {
    String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    Pom pom = new Pom(jar.resolveSibling(name + ".pom"));
    boolean own = name.startsWith("mlo-");
    Path versioned = jar.getParent();
    List<String> values =
        own
            ? List.of("dev.mlo", name.replaceFirst("-" + version + "$", ""), version)
            : List.of(
                pom.group(),
                versioned.getParent().getFileName().toString(),
                versioned.getFileName().toString());
    List<String> licences = own ? List.of("Apache-2.0") : pom.licences();
    lines.put(
        file,
        "{\"file\": %s, \"group\": %s, \"name\": %s, \"version\": %s, \"licenses\": [%s]%s}"
            .formatted(
                quoted(file),
                quoted(values.get(0)),
                quoted(values.get(1)),
                quoted(values.get(2)),
                licences.stream().map(PartsList::quoted).collect(Collectors.joining(", ")),
                library ? "" : ", \"library\": false"));
  }

  void writeTo(Path file) throws IOException {
    String java =
        "{\"vendor\": %s, \"version\": %s}"
            .formatted(
                quoted(System.getProperty("java.vendor")),
                quoted(System.getProperty("java.runtime.version")));
    Files.writeString(
        file,
        "{\n  \"java\": %s,\n  \"parts\": [\n    %s\n  ]\n}\n"
            .formatted(java, String.join(",\n    ", lines.values())));
  }

  private static String quoted(String text) {
    String plain = text.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "");
    return "\"" + plain.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
