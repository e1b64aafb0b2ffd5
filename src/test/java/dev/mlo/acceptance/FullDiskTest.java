package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full, made of memory. Needs root, to mount it.
@ExtendWith(Installed.class)
class FullDiskTest {
  /// Enough for a small model and all documents; too little for the layers of an image.
  private static final String SMALL = "size=8m";

  private static final String ENOUGH = "size=400m";

  @TempDir Path folder;
  private Path disk = Path.of("");
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
    mounted = shell("mount", "-t", "tmpfs", "-o", SMALL, "tmpfs", disk.toString());
    assumeTrue(mounted, "no file system can be mounted here");
  }

  @AfterEach
  void unmount() {
    if (mounted) {
      shell("umount", "-l", disk.toString());
    }
  }

  @Test
  void aBuildSaysThatTheDiskIsFullAndFinishesOnceThereIsRoom(Mlo user) throws IOException {
    Path project = Files.createDirectory(disk.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.in(project);

    saysThatItIsFull(mlo.run("build"));
    assertThat(unfinished(disk)).isEmpty();
    assertThat(mlo.run("list", "-o", "json").json().path("images")).isEmpty();

    makeRoom();
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("test", "-q").word()).isEqualTo("passed");
  }

  @Test
  void copiesAndPromotionsLeaveNoHalfImage(Mlo user) throws IOException {
    Path project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    // An environment on a disk of its own, as an administrator lays one out beforehand.
    Files.createSymbolicLink(
        project.resolve("envs-dev"), Files.createDirectory(disk.resolve("dev")));
    Files.writeString(
        project.resolve("mlops.yaml"),
        Files.readString(project.resolve("mlops.yaml"))
            + "\nenvironments:\n  dev: {store: envs-dev}\n");
    Mlo mlo = user.in(project);
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.stderr()).isZero();

    saysThatItIsFull(mlo.run("copy", "iris:1.0.0", "tar:" + disk.resolve("iris.tar")));
    saysThatItIsFull(mlo.run("copy", "iris:1.0.0", "oci:" + disk.resolve("layout")));
    saysThatItIsFull(mlo.run("promote", "--to", "dev"));
    assertThat(unfinished(disk)).isEmpty();
    assertThat(disk.resolve("iris.tar")).doesNotExist();
    assertThat(mlo.run("status", "-o", "json").exit()).isZero();
    assertThat(mlo.run("history", "--verify").exit()).isZero();

    makeRoom();
    Outcome promoted = mlo.run("promote", "--to", "dev", "-q");
    assertThat(promoted.exit()).as(promoted.stderr()).isZero();
    assertThat(mlo.run("copy", "iris:1.0.0", "tar:" + disk.resolve("iris.tar")).exit()).isZero();
  }

  @Test
  void aRunnerWithoutRoomToUnpackDoesNotStart(Mlo user) throws IOException {
    Path project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.in(project);
    assertThat(mlo.run("build", "-q").exit()).isZero();
    Mlo cramped = mlo.with("XDG_CACHE_HOME", disk.resolve("cache").toString());

    saysThatItIsFull(cramped.run("test"));
    assertThat(unfinished(disk)).isEmpty();

    makeRoom();
    assertThat(cramped.run("test", "-q").word()).isEqualTo("passed");
  }

  private static void saysThatItIsFull(Outcome outcome) {
    assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.stderr())
        .contains("error: ")
        .containsIgnoringCase("no space left")
        .contains("hint: ")
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
  }

  /// What is being written, or was when it was given up.
  private static Set<String> unfinished(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      return files
          .map(file -> tree.relativize(file).toString())
          .filter(name -> name.matches(".*(\\.tmp|\\.unpacking|\\.part).*"))
          .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
    }
  }

  private void makeRoom() {
    assertThat(shell("mount", "-o", "remount," + ENOUGH, disk.toString())).isTrue();
  }

  private static boolean shell(String... words) {
    return Installed.start(List.of(words), Path.of("/"), Map.of())
            .outcome(Duration.ofMinutes(1))
            .exit()
        == 0;
  }
}
