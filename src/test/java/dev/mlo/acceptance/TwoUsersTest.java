package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Two users of one installation, which only the first of them may write to. Needs root, to become
/// the second one.
@ExtendWith(Installed.class)
class TwoUsersTest {
  private Path folder = Path.of("");

  @BeforeEach
  void open() throws IOException {
    folder = Files.createTempDirectory("mlo-two-users-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void clear() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void oneDigestWhoeverBuildsWhereverAndHowever(Mlo mlo) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another");
    Path mine = Files.createDirectory(folder.resolve("mine"));
    IrisProject.lay(mine, "1.0.0");
    Outcome first = mlo.in(mine).run("build", "-q");
    assertThat(first.exit()).as(first.stderr()).isZero();

    Path theirs = Files.createDirectory(folder.resolve("their own, größer"));
    IrisProject.lay(theirs, "1.0.0");
    touch(theirs, 0);
    give(theirs);
    Path home = Files.createDirectory(folder.resolve("home"));
    give(home);

    assertThat(as("nobody", mlo, theirs, home, "build", "-q")).isEqualTo(first);
    Outcome tested = as("nobody", mlo, theirs, home, "test", "-q");
    assertThat(tested.word()).as(tested.stderr()).isEqualTo("passed");
    Outcome promoted = as("nobody", mlo, theirs, home, "promote", "--to", "dev", "-q");
    assertThat(promoted.exit()).as(promoted.stderr()).isZero();
  }

  /// Users, directories (where the files were made in another order), umasks, time zones with a
  /// language each, and JDKs 25 of other vendors where there are some, each with each; the files
  /// touched between any two builds.
  @Test
  void everyCombinationGivesOneDigest(Mlo mlo) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another");
    List<Mlo> javas = javas(mlo);
    var digests = new TreeMap<String, String>();
    for (String user : List.of("root", "nobody")) {
      Path home = Files.createDirectories(folder.resolve("home of " + user));
      for (Path project : projects(user)) {
        if (user.equals("nobody")) {
          give(project);
          give(home);
        }
        for (String umask : List.of("022", "077")) {
          for (Place place : PLACES) {
            for (Mlo java : javas) {
              Who who = new Who(user, umask, place);
              Outcome built = as(who, java, project, home, "build", "-q");
              digests.put(
                  "%s %s %s".formatted(who, project, java.command()),
                  built.word() + built.stderr());
              Installed.delete(project.resolve(".mlo"));
              touch(project, digests.size());
            }
          }
        }
      }
    }
    assertThat(digests).hasSize(16 * javas.size());
    assertThat(digests.values()).allSatisfy(word -> assertThat(word).startsWith("iris@sha256:"));
    assertThat(Set.copyOf(digests.values())).as(digests.toString()).hasSize(1);
  }

  private List<Path> projects(String user) throws IOException {
    List<String> names = List.of("z.txt", "a.txt", "\u00fc.txt", "B/c.txt", "B.txt");
    Path one = folder.resolve(user).resolve("one");
    Path two = folder.resolve(user).resolve("another, gr\u00f6\u00dfer");
    lay(one, names);
    lay(two, names.reversed());
    return List.of(one, two);
  }

  private static void lay(Path project, List<String> more) throws IOException {
    IrisProject.lay(project, "1.0.0");
    Path model = Files.createDirectory(project.resolve("model"));
    for (String name : more) {
      Files.createDirectories(model.resolve(name).resolveSibling(""));
      Files.writeString(model.resolve(name), name);
    }
    Files.move(project.resolve("model.onnx"), model.resolve("model.onnx"));
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("model: model.onnx", "model: model"));
  }

  /// The installed command, and copies of it on each JDK 25 of another vendor than this test's:
  /// what MLO_OTHER_JDK names, and what lies where Linux puts them.
  private List<Mlo> javas(Mlo mlo) throws IOException {
    var places = new ArrayList<Path>();
    String named = System.getenv("MLO_OTHER_JDK");
    if (named != null) {
      places.add(Path.of(named));
    }
    Path usual = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(usual)) {
      try (Stream<Path> all = Files.list(usual)) {
        all.filter(place -> !Files.isSymbolicLink(place)).sorted().forEach(places::add);
      }
    }
    var vendors = new HashSet<>(Set.of(vendor(Path.of(System.getProperty("java.home")))));
    var commands = new ArrayList<>(List.of(mlo));
    for (Path place : places) {
      if (vendor(place).startsWith("25 ") && vendors.add(vendor(place))) {
        Path copy = Installed.copy(mlo, folder.resolve("on Java " + commands.size()));
        Installed.delete(copy.resolve("runtime"));
        Files.createSymbolicLink(copy.resolve("runtime"), place);
        commands.add(mlo.as(copy.resolve("bin/mlo")));
      }
    }
    return commands;
  }

  /// The first number of a JDK's version and who made it; nothing when it is no JDK.
  private static String vendor(Path jdk) throws IOException {
    Path release = jdk.resolve("release");
    if (!Files.isRegularFile(release)) {
      return "";
    }
    var said = new Properties();
    try (Reader in = Files.newBufferedReader(release)) {
      said.load(in);
    }
    String version = said.getProperty("JAVA_VERSION", "").replace("\"", "");
    return version.replaceAll("\\..*", "") + " " + said.getProperty("IMPLEMENTOR", "");
  }

  /// Where somebody sits: their clock and their language.
  private record Place(String zone, String language) {}

  private static final List<Place> PLACES =
      List.of(new Place("UTC", "en"), new Place("Pacific/Auckland", "tr"));

  private record Who(String user, String umask, Place place) {}

  private static Outcome as(String user, Mlo mlo, Path project, Path home, String... words) {
    return as(new Who(user, "077", PLACES.getLast()), mlo, project, home, words);
  }

  private static Outcome as(Who who, Mlo mlo, Path project, Path home, String... words) {
    String line =
        "umask %s && exec setpriv --reuid=%s --regid=nogroup --clear-groups \"$@\""
            .formatted(who.umask, who.user);
    var command = new ArrayList<>(List.of("sh", "-c", line, "sh"));
    command.add(mlo.command().toString());
    command.addAll(List.of(words));
    Map<String, String> environment =
        Map.of(
            "HOME",
            home.toString(),
            "TZ",
            who.place.zone,
            "LC_ALL",
            "C",
            "MLO_JAVA_OPTS",
            "-Duser.language=" + who.place.language);
    return Installed.start(command, project, environment).outcome(Duration.ofMinutes(2));
  }

  private static void touch(Path tree, int minute) throws IOException {
    Instant then = Instant.parse("2001-02-03T04:05:06Z").plus(Duration.ofMinutes(minute));
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(then));
      }
    }
  }

  private static void give(Path tree) throws IOException {
    UserPrincipal nobody =
        tree.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.toList()) {
        Files.setOwner(file, nobody);
      }
    }
  }
}
