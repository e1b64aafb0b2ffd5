import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A library's pom in the local Maven repository.
///
/// @param file may be missing
record Pom(Path file) {
  private static final Pattern LICENCE =
      Pattern.compile("<license>.*?<name>\\s*(.*?)\\s*</name>.*?</license>", Pattern.DOTALL);
  private static final Pattern PARENT = Pattern.compile("<parent>(.*?)</parent>", Pattern.DOTALL);
  private static final Pattern GROUP = Pattern.compile("<groupId>\\s*([^<$]*?)\\s*</groupId>");

  /// The licences the pom names, or the nearest of its parents that names any; sorted.
  List<String> licences() throws IOException {
    Path pom = file;
    for (int depth = 0; depth < 8 && Files.exists(pom); depth++) {
      String text = Files.readString(pom);
      SortedSet<String> names = new TreeSet<>();
      LICENCE.matcher(text).results().forEach(found -> names.add(found.group(1)));
      if (!names.isEmpty()) {
        return List.copyOf(names);
      }
      Matcher parent = PARENT.matcher(text);
      if (!parent.find()) {
        break;
      }
      pom = sibling(pom, parent.group(1));
    }
    return List.of();
  }

  /// The `groupId`: of those the pom mentions, the one whose folder it lies in.
  String group() throws IOException {
    Path folder = file.getParent().getParent().getParent();
    return GROUP
        .matcher(Files.readString(file))
        .results()
        .map(found -> found.group(1))
        .filter(group -> folder.endsWith(group.replace('.', '/')))
        .max((a, b) -> Integer.compare(a.length(), b.length()))
        .orElseThrow(() -> new IOException(file + " does not name its group"));
  }

  /// A parent's pom in the same local repository, found by the shared root of both.
  private static Path sibling(Path pom, String parent) {
    String group = element(parent, "groupId");
    String artifact = element(parent, "artifactId");
    String version = element(parent, "version");
    List<String> tail = new ArrayList<>(List.of(group.split("\\.")));
    tail.addAll(List.of(artifact, version, artifact + "-" + version + ".pom"));
    for (Path root = pom.getParent(); root != null; root = root.getParent()) {
      Path candidate = root;
      for (String name : tail) {
        candidate = candidate.resolve(name);
      }
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return pom.resolveSibling("none");
  }

  private static String element(String xml, String name) {
    Matcher found = Pattern.compile("<" + name + ">\\s*(.*?)\\s*</" + name + ">").matcher(xml);
    return found.find() ? found.group(1) : "none";
  }
}
