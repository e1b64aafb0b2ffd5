import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.SortedMap;
import java.util.TreeMap;
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
      String declared = String.join(", ", new Pom(pom).licences());
      list.append(jar.getKey())
          .append(": ")
          .append(declared.isEmpty() ? "see its files or its web page" : declared)
          .append('\n');
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
}
