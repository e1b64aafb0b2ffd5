package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
    touch(theirs);
    give(theirs);
    Path home = Files.createDirectory(folder.resolve("home"));
    give(home);

    assertThat(as("nobody", mlo, theirs, home, "build", "-q")).isEqualTo(first);
    Outcome tested = as("nobody", mlo, theirs, home, "test", "-q");
    assertThat(tested.word()).as(tested.stderr()).isEqualTo("passed");
    Outcome promoted = as("nobody", mlo, theirs, home, "promote", "--to", "dev", "-q");
    assertThat(promoted.exit()).as(promoted.stderr()).isZero();
  }

  /// Users, directories, umasks, time zones, each with each; the files touched in every second one.
  @Test
  void everyCombinationGivesOneDigest(Mlo mlo) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another");
    var digests = new TreeMap<String, String>();
    for (String user : List.of("root", "nobody")) {
      for (String place : List.of("one", "another, gr\u00f6\u00dfer")) {
        Path project = Files.createDirectories(folder.resolve(user).resolve(place));
        IrisProject.lay(project, "1.0.0");
        Path home = Files.createDirectories(folder.resolve("home of " + user));
        if (user.equals("nobody")) {
          give(project);
          give(home);
        }
        for (String umask : List.of("022", "077")) {
          for (String zone : List.of("UTC", "Pacific/Auckland")) {
            Outcome built = as(new Who(user, umask, zone), mlo, project, home, "build", "-q");
            digests.put(String.join(" ", user, place, umask, zone), built.word() + built.stderr());
            Installed.delete(project.resolve(".mlo"));
            touch(project);
          }
        }
      }
    }
    assertThat(digests).hasSize(16);
    assertThat(digests.values()).allSatisfy(word -> assertThat(word).startsWith("iris@sha256:"));
    assertThat(Set.copyOf(digests.values())).as(digests.toString()).hasSize(1);
  }

  private record Who(String user, String umask, String zone) {}

  private static Outcome as(String user, Mlo mlo, Path project, Path home, String... words) {
    return as(new Who(user, "077", "Pacific/Auckland"), mlo, project, home, words);
  }

  private static Outcome as(Who who, Mlo mlo, Path project, Path home, String... words) {
    String line =
        "umask %s && exec setpriv --reuid=%s --regid=nogroup --clear-groups \"$@\""
            .formatted(who.umask, who.user);
    var command = new ArrayList<>(List.of("sh", "-c", line, "sh"));
    command.add(mlo.command().toString());
    command.addAll(List.of(words));
    Map<String, String> environment =
        Map.of("HOME", home.toString(), "TZ", who.zone, "LC_ALL", "C");
    return Installed.start(command, project, environment).outcome(Duration.ofMinutes(2));
  }

  private static void touch(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
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
