import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// What the distribution owes the libraries in it: the licence and notice files each brought along,
/// and a list of all with the licence its pom declares.
final class Licences {
  private static final Pattern FILE =
      Pattern.compile(
          "(?:META-INF/)?((?:LICEN[SC]E|NOTICE|AL2|LGPL|Privacy|ThirdParty|about)[^/]*)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern LICENCE =
      Pattern.compile("<license>.*?<name>\\s*(.*?)\\s*</name>.*?</license>", Pattern.DOTALL);
  private static final Pattern PARENT = Pattern.compile("<parent>(.*?)</parent>", Pattern.DOTALL);

  private final SortedMap<String, Path> jars = new TreeMap<>();

  void add(Path jar) {
    String name = jar.getFileName().toString();
    if (!name.startsWith("mlo-")) {
      jars.put(name.replaceFirst("\\.jar$", ""), jar);
    }
  }

  void writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    var list = new StringBuilder("Libraries in this distribution and their licences\n\n");
    for (var jar : jars.entrySet()) {
      extract(jar.getValue(), folder.resolve(jar.getKey()));
      Path pom = jar.getValue().resolveSibling(jar.getKey() + ".pom");
      list.append(jar.getKey()).append(": ").append(declared(pom)).append('\n');
    }
    list.append("\nThe Java runtime: runtime/legal\n");
    Files.writeString(folder.resolve("THIRD-PARTY.txt"), list);
  }

  private static void extract(Path jar, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        Matcher file = FILE.matcher(entry.getName());
        if (!entry.isDirectory() && file.matches() && !entry.getName().endsWith(".class")) {
          Files.createDirectories(folder);
          Path to = folder.resolve(file.group(1));
          if (!Files.exists(to)) {
            try (InputStream in = zip.getInputStream(entry)) {
              Files.copy(in, to);
            }
          }
        }
      }
    }
  }

  /// The licences a pom names, or the nearest of its parents that names any.
  private static String declared(Path pom) throws IOException {
    for (int depth = 0; depth < 8 && Files.exists(pom); depth++) {
      String text = Files.readString(pom);
      SortedSet<String> names = new TreeSet<>();
      LICENCE.matcher(text).results().forEach(found -> names.add(found.group(1)));
      if (!names.isEmpty()) {
        return String.join(", ", names);
      }
      Matcher parent = PARENT.matcher(text);
      if (!parent.find()) {
        break;
      }
      pom = sibling(pom, parent.group(1));
    }
    return "see its files or its web page";
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
