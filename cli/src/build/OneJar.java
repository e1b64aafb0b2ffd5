import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Several jars as one, since every jar on the class path costs start-up time. Service files are
/// merged, multi-release jars are settled on this Java, and whatever two jars disagree on fails the
/// build.
final class OneJar {
  private static final int JAVA = Runtime.version().feature();
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");

  /// Kept out of the merged jar: signatures no longer fit, licences have their own folder, and the
  /// rest is for tools.
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|INDEX\\.LIST|[^/]+\\.(SF|RSA|DSA|EC|kotlin_module)"
              + "|maven/.*|proguard/.*|native-image/.*|(DEPENDENCIES|LICENSE|NOTICE|AL2|LGPL)[^/]*)"
              + "|(.*/)?module-info\\.class|about.*|plugin\\.properties|\\.api_description|OSGI-(OPT|INF)/.*"
              + "|(AL2|LGPL2.1|LICENSE|NOTICE)[^/]*");

  private final long time;
  private final Manifest manifest = new Manifest();
  private final SortedMap<String, byte[]> entries = new TreeMap<>();
  private final Map<String, Integer> releases = new HashMap<>();
  private final Map<String, Path> origins = new HashMap<>();

  OneJar(Instant time) {
    this.time = time.toEpochMilli();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
  }

  /// Names jars beside this one that belong on the class path with it.
  void refersTo(Collection<String> jars) {
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", jars));
  }

  /// Takes a jar or a folder of classes in, as part of the merged jar.
  void add(Path part) throws IOException {
    if (Files.isDirectory(part)) {
      try (Stream<Path> all = Files.walk(part)) {
        for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
          merge(part.relativize(file).toString(), Files.readAllBytes(file), part);
        }
      }
    } else {
      read(part, name -> true, (name, bytes) -> merge(name, bytes, part));
    }
  }

  /// Takes a jar's entries in as they are.
  void copy(Path jar, Predicate<String> wanted) throws IOException {
    read(jar, name -> wanted.test(name) && !name.equals(JarFile.MANIFEST_NAME), entries::put);
  }

  private interface Sink {
    void accept(String name, byte[] bytes) throws IOException;
  }

  private static void read(Path jar, Predicate<String> wanted, Sink sink) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        if (!entry.isDirectory() && wanted.test(entry.getName())) {
          try (InputStream in = zip.getInputStream(entry)) {
            sink.accept(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
  }

  private void merge(String name, byte[] bytes, Path part) throws IOException {
    int release = 0;
    Matcher versioned = VERSIONED.matcher(name);
    if (versioned.matches()) {
      release = Integer.parseInt(versioned.group(1));
      name = versioned.group(2);
      if (release > JAVA) {
        return;
      }
    }
    if (LEFT_OUT.matcher(name).matches() || foreign(name)) {
      return;
    }
    if (name.startsWith("META-INF/services/")) {
      entries.merge(name, bytes, OneJar::lines);
      return;
    }
    byte[] known = entries.get(name);
    if (known != null && !part.equals(origins.get(name))) {
      if (!Arrays.equals(known, bytes)) {
        throw new IOException(name + " differs in " + origins.get(name) + " and in " + part);
      }
      return;
    }
    if (known == null || release > releases.getOrDefault(name, 0)) {
      entries.put(name, bytes);
      releases.put(name, release);
      origins.put(name, part);
    }
  }

  /// JNA carries its library for two dozen platforms.
  private static boolean foreign(String name) {
    return name.matches("com/sun/jna/[^/]+/.*\\.(so|a|dll|jnilib|dylib)")
        && !name.startsWith("com/sun/jna/linux-x86-64/");
  }

  private static byte[] lines(byte[] one, byte[] other) {
    Set<String> lines = new LinkedHashSet<>();
    new String(one, StandardCharsets.UTF_8).lines().forEach(lines::add);
    new String(other, StandardCharsets.UTF_8).lines().forEach(lines::add);
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /// Writes the classes below `prefix` again as class files of this Java. The AOT cache takes none
  /// older than Java 6, and picocli is published as Java 5: without this its classes are parsed and
  /// verified at every start.
  void modernise(String prefix) throws IOException {
    ClassFile format =
        ClassFile.of(
            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(OneJar.class.getClassLoader())
                    .orElse(ClassHierarchyResolver.ofResourceParsing(this::open))
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    var version = ClassFileVersion.of(ClassFile.latestMajorVersion(), 0);
    ClassTransform renewed =
        ((ClassTransform)
                (builder, element) ->
                    builder.with(element instanceof ClassFileVersion ? version : element))
            .andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL));
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      if (entry.getKey().startsWith(prefix) && entry.getKey().endsWith(".class")) {
        ClassModel old = format.parse(entry.getValue());
        byte[] bytes = format.transformClass(old, renewed);
        var faults = format.verify(bytes);
        if (!faults.isEmpty()) {
          throw new IOException(entry.getKey() + " does not verify: " + faults.getFirst());
        }
        entry.setValue(bytes);
      }
    }
  }

  private InputStream open(java.lang.constant.ClassDesc type) {
    String descriptor = type.descriptorString();
    byte[] bytes = entries.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
    return bytes == null ? null : new java.io.ByteArrayInputStream(bytes);
  }

  void write(Path to) throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to), 1 << 16))) {
      var bytes = new ByteArrayOutputStream();
      manifest.write(bytes);
      put(zip, JarFile.MANIFEST_NAME, bytes.toByteArray());
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        put(zip, entry.getKey(), entry.getValue());
      }
    }
  }

  private void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    var entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.ofInstant(Instant.ofEpochMilli(time), ZoneOffset.UTC));
    // Not compressed: the tarball is, and a jar is read at every start.
    var sum = new CRC32();
    sum.update(bytes);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
