import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Lays out `cli/target/dist` and packs it as `cli/target/mlo-VERSION-linux-x64.tar.gz`. Maven runs
/// it as a source file at `package`; the same inputs on the same JDK give the same bytes.
///
/// Arguments: the repository's root, the version, the time every file gets.
final class Distribution {
  private static final String PLATFORM = "linux-x64";

  private static final String RUNNER_JAR = "mlo-runner.jar";

  /// Platforms that images can be made for besides, as engines and as `mlo` name them. Their
  /// libraries take 9.5 MB of the archive.
  private static final Map<String, String> OTHERS = Map.of("linux-aarch64", "linux-arm64");

  /// What the command and the runner use, as `jdeps` names it; without java.desktop, java.sql and
  /// java.compiler, which Jackson, SnakeYAML and annotations know of but do without.
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.security.jgss",
          "java.xml",
          "jdk.management",
          "jdk.net",
          "jdk.unsupported");

  private static final Pattern ALWAYS =
      Pattern.compile("(mlo|picocli|jackson|snakeyaml|commons-compress|commons-io|slf4j)-");

  private final Path root;
  private final String version;
  private final Instant time;
  private final Path target;
  private final Path home;
  private final Licences licences = new Licences();
  private final PartsList parts;

  private Distribution(Path root, String version, Instant time) {
    this.root = root;
    this.version = version;
    this.time = time;
    this.target = root.resolve("cli/target");
    this.home = target.resolve("dist");
    this.parts = new PartsList(version);
  }

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toRealPath();
    new Distribution(root, args[1], Instant.parse(args[2])).make();
  }

  private void make() throws IOException {
    delete(home);
    Files.createDirectories(home);
    runtime();
    command();
    runner();
    backend("onnx");
    backend("pmml");
    copyTree(root.resolve("examples"), home.resolve("examples"));
    copyTree(root.resolve("completions"), home.resolve("completions"));
    Files.copy(root.resolve("LICENSE"), home.resolve("LICENSE"));
    Files.writeString(home.resolve("VERSION"), version + "\n");
    licences.writeTo(home.resolve("licenses"));
    parts.writeTo(home.resolve("licenses/parts.json"));
    launcher();
    new Tarball(time).write(home, "mlo-" + version + "-" + PLATFORM, target.resolve(tarball()));
    Files.writeString(target.resolve("distribution"), tarball() + "\n");
  }

  private String tarball() {
    return "mlo-" + version + "-" + PLATFORM + ".tar.gz";
  }

  /// jlink takes seconds and its result depends on the JDK and the modules only, so it is kept.
  private void runtime() throws IOException {
    String key = key(Runtime.version() + System.getProperty("java.vendor.version") + MODULES);
    Path kept = target.resolve("runtime-" + key);
    if (!Files.exists(kept.resolve("release"))) {
      delete(kept);
      var output = new StringWriter();
      int exit =
          ToolProvider.findFirst("jlink")
              .orElseThrow(() -> new IOException("this JDK has no jlink"))
              .run(
                  new PrintWriter(output, true),
                  new PrintWriter(output, true),
                  "--add-modules",
                  String.join(",", MODULES),
                  "--strip-java-debug-attributes",
                  "--no-man-pages",
                  "--no-header-files",
                  "--compress",
                  "zip-0",
                  "--output",
                  kept.toString());
      if (exit != 0) {
        throw new IOException("jlink failed: " + output);
      }
    }
    copyTree(kept, home.resolve("runtime"));
  }

  /// Two jars: what every command needs, and the rest, 15000 entries that a command which builds or
  /// promotes nothing never has to open.
  private void command() throws IOException {
    var jar = new OneJar(time);
    var rest = new OneJar(time);
    jar.add(root.resolve("cli/target/classes"));
    for (Path part : runtimeClassPath("cli")) {
      boolean always = ALWAYS.matcher(part.getFileName().toString()).lookingAt();
      (always ? jar : rest).add(part);
      licences.add(part);
    }
    jar.modernise("picocli/");
    Files.createDirectories(home.resolve("lib"));
    jar.write(home.resolve("lib/mlo.jar"));
    rest.write(home.resolve("lib/libraries.jar"));
    firstPage();
  }

  /// What `mlo --help` says, printed once by the command itself.
  private void firstPage() throws IOException {
    Path page = home.resolve("lib/help.txt");
    Process command =
        new ProcessBuilder(
                home.resolve("runtime/bin/java").toString(),
                "-Dstdout.encoding=UTF-8",
                "-cp",
                home.resolve("lib/mlo.jar") + ":" + home.resolve("lib/libraries.jar"),
                "dev.mlo.cli.Mlo",
                "--help")
            .redirectOutput(page.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      if (command.waitFor() != 0 || Files.size(page) == 0) {
        throw new IOException("mlo --help failed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /// The runner's own jar names all others: a class-data archive is of one class path in one order,
  /// and `*` stands for the order of the directory.
  private void runner() throws IOException {
    Path folder = Files.createDirectories(home.resolve("runner"));
    var others = new TreeSet<String>();
    for (Path part : runtimeClassPath("runner")) {
      copyJar(part, folder);
      licences.add(part);
      others.add(part.getFileName().toString());
    }
    Path own = root.resolve("runner/target/mlo-runner-" + version + ".jar");
    parts.add("runner/" + RUNNER_JAR, own);
    var jar = own(own);
    jar.refersTo(others);
    jar.write(folder.resolve(RUNNER_JAR));
    new ClassArchive(home.resolve("runtime"), folder)
        .write(RUNNER_JAR, root.resolve("cli/src/build/runner.classes"));
  }

  /// An engine's jars, its native libraries of this platform beside them. What the runner has too
  /// is left out: the engine's class loader finds it there.
  private void backend(String format) throws IOException {
    Path module = root.resolve("backends").resolve(format);
    Path folder = Files.createDirectories(home.resolve("backends").resolve(format));
    Path jar = module.resolve("target/mlo-backend-" + format + "-" + version + ".jar");
    copyJar(jar, folder);
    for (Path part : runtimeClassPath("backends/" + format)) {
      if (Files.exists(home.resolve("runner").resolve(part.getFileName()))) {
        continue;
      }
      Natives natives = new Natives(part, PLATFORM);
      if (natives.any()) {
        for (String name : natives.extract(folder.resolve("native"))) {
          parts.addExtracted("backends/" + format + "/native/" + name, part);
        }
        for (var other : OTHERS.entrySet()) {
          String place = "natives/" + other.getValue() + "/" + format;
          for (String name : new Natives(part, other.getKey()).extract(home.resolve(place))) {
            parts.addExtracted(place + "/" + name, part);
          }
        }
        OneJar rest = new OneJar(time);
        rest.copy(part, name -> !natives.covers(name));
        rest.write(folder.resolve(part.getFileName()));
        parts.add("backends/" + format + "/" + part.getFileName(), part);
      } else {
        copyJar(part, folder);
      }
      licences.add(part);
    }
  }

  /// Jars of others are copied as they are. Ours are written again, since Maven notes in them which
  /// JDK it ran on.
  private void copyJar(Path jar, Path folder) throws IOException {
    Path to = folder.resolve(jar.getFileName());
    parts.add(home.relativize(to).toString(), jar);
    if (jar.startsWith(root)) {
      own(jar).write(to);
    } else {
      Files.copy(jar, to);
    }
  }

  private OneJar own(Path jar) throws IOException {
    var own = new OneJar(time);
    own.copy(jar, name -> !name.startsWith("META-INF/maven/"));
    return own;
  }

  /// The launcher names the one AOT cache it may use by the digest of exactly these jars and this
  /// Java: a JDK 25.0.3 that is given the cache of other jars silently runs their code.
  private void launcher() throws IOException {
    String key =
        key(
            hex(Files.readAllBytes(home.resolve("lib/mlo.jar")))
                + hex(Files.readAllBytes(home.resolve("lib/libraries.jar")))
                + hex(Files.readAllBytes(home.resolve("runtime/release")))
                + hex(Files.readAllBytes(home.resolve("runtime/lib/server/libjvm.so"))));
    String text = Files.readString(root.resolve("cli/src/dist/bin/mlo"));
    for (String mark : List.of("@AOT_KEY@", "@VERSION@")) {
      if (!text.contains(mark)) {
        throw new IOException("bin/mlo has no place for " + mark);
      }
    }
    Path to = Files.createDirectories(home.resolve("bin")).resolve("mlo");
    Files.writeString(to, text.replace("@AOT_KEY@", key).replace("@VERSION@", version));
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<Path> runtimeClassPath(String module) throws IOException {
    String line = Files.readString(root.resolve(module).resolve("target/runtime-class-path"));
    var parts = new ArrayList<Path>();
    for (String part : line.strip().split(File.pathSeparator)) {
      if (!part.isEmpty()) {
        parts.add(Path.of(part));
      }
    }
    return parts;
  }

  private static void copyTree(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all.sorted()::iterator) {
        if (!path.toString().contains("__pycache__")) {
          Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static String key(String text) {
    return hex(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private static String hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
