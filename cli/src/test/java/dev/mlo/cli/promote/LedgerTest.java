package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  @TempDir Path directory;

  private Path repository() {
    return directory.resolve("ledger.git");
  }

  private Ledger ledger() {
    return Ledger.at(repository());
  }

  private EnvironmentRecord write(Entry entry) throws IOException, LostRaceException {
    EnvironmentRecord before = ledger().record("iris", entry.record().environment()).orElse(null);
    ledger().append(before, entry.event(), entry.record());
    return entry.record();
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException, LostRaceException {
    Entry first = Entries.first("dev", Entries.release("1.0.0"));
    EnvironmentRecord record = write(first);
    Entry second = Entries.next(record, Entries.release("2.0.0"));
    write(second);

    assertThat(ledger().record("iris", "dev")).contains(second.record());
    assertThat(ledger().events("iris", "dev")).containsExactly(first.event(), second.event());
    assertThat(ledger().record("iris", "prod")).isEmpty();
  }

  @Test
  void readingMakesNoRepository() throws IOException {
    assertThat(ledger().record("iris", "dev")).isEmpty();
    assertThat(ledger().events("iris", "dev")).isEmpty();
    assertThat(repository()).doesNotExist();
  }

  @Test
  void theFilesHaveTheirAgreedNames() throws IOException, LostRaceException {
    write(Entries.first("dev", Entries.release("1.0")));

    Map<String, byte[]> files = Map.of();
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId head = java.util.Objects.requireNonNull(git.head());
      assertThat(git.file(head, "format"))
          .contains("mlo-ledger/1\n".getBytes(StandardCharsets.UTF_8));
      assertThat(git.ids(head, "events"))
          .containsOnlyKeys("events/iris/dev/000001-promote-0123456789abcdef.json");
      assertThat(git.ids(head, "envs")).containsOnlyKeys("envs/iris/dev.json");
      files = git.files(head, "gitops/dev");
    }
    assertThat(files).containsOnlyKeys("gitops/dev/kustomization.yaml", "gitops/dev/values.yaml");
    assertThat(
            new String(
                java.util.Objects.requireNonNull(files.get("gitops/dev/values.yaml")),
                StandardCharsets.UTF_8))
        .contains("version: \"1.0\"")
        .contains("digest: \"" + Entries.release("1.0").digest() + "\"");
  }

  @Test
  void whoeverSawAnOlderRecordLoses() throws IOException, LostRaceException {
    EnvironmentRecord first = write(Entries.first("dev", Entries.release("1.0.0")));
    write(Entries.next(first, Entries.release("2.0.0")));
    Entry late = Entries.next(first, Entries.release("3.0.0"));

    assertThatExceptionOfType(LostRaceException.class)
        .isThrownBy(() -> ledger().append(first, late.event(), late.record()))
        .satisfies(e ->
            assertThat(java.util.Objects.requireNonNull(e.event()).to().version())
                .isEqualTo("2.0.0"));
    assertThat(ledger().events("iris", "dev")).hasSize(2);
  }

  @Test
  void theBranchMovesOnlyFromWhereItWasSeen() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId one = commit(git, null, "one");
      ObjectId two = commit(git, one, "two");
      ObjectId other = commit(git, one, "other");

      assertThat(git.move(null, one)).isEqualTo(LedgerRepository.Moved.DONE);
      assertThat(git.move(one, two)).isEqualTo(LedgerRepository.Moved.DONE);
      assertThat(git.move(one, other)).isEqualTo(LedgerRepository.Moved.LOST);
      assertThat(git.head()).isEqualTo(two);
    }
  }

  @Test
  void aLeftOverLockFileIsNoLostRace() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId one = commit(git, null, "one");
      Files.createDirectories(git.lockFile().resolveSibling("."));
      Files.createFile(git.lockFile());

      assertThat(git.move(null, one)).isEqualTo(LedgerRepository.Moved.LOCKED);
    }
  }

  @Test
  void aLockFileOfAKilledProcessIsRemoved() throws IOException, LostRaceException {
    EnvironmentRecord first = write(Entries.first("dev", Entries.release("1.0.0")));
    Path lock = repository().resolve("refs/heads/mlo/ledger.lock");
    Files.createFile(lock);
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(60)));

    write(Entries.next(first, Entries.release("2.0.0")));

    assertThat(lock).doesNotExist();
    assertThat(ledger().events("iris", "dev")).hasSize(2);
  }

  @Test
  void aLockFileThatStaysFreshIsRespected() throws IOException, LostRaceException {
    EnvironmentRecord first = write(Entries.first("dev", Entries.release("1.0.0")));
    Path lock = repository().resolve("refs/heads/mlo/ledger.lock");
    Files.createFile(lock);
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().plusSeconds(3600)));

    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> write(Entries.next(first, Entries.release("2.0.0"))));

    assertThat(failure.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(String.join(" ", failure.why())).contains(lock.toString());
    assertThat(ledger().events("iris", "dev")).hasSize(1);
  }

  @Test
  void aDamagedRecordIsNamed() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      byte[] bytes = "{\"schema\": \"mlo-ledger/1\"}".getBytes(StandardCharsets.UTF_8);
      ObjectId commit = git.commit(null, Map.of("envs/iris/dev.json", bytes), "by hand", who());
      git.move(null, commit);
    }

    Failure failure = catchThrowableOfType(Failure.class, () -> ledger().record("iris", "dev"));

    assertThat(failure.code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(failure.what()).contains("envs/iris/dev.json");
  }

  @Test
  void neitherHomeNorItsGitConfigurationMatter() throws IOException, InterruptedException {
    Path home = Files.createDirectory(directory.resolve("home"));
    Files.writeString(home.resolve(".gitconfig"), "[broken\n\tthis is [no configuration");
    for (Map<String, String> variables :
        List.of(Map.of("HOME", ""), Map.of("HOME", home.toString()), Map.of("HOME", "/dev/null"))) {
      TestProject iris = TestProject.in(Files.createTempDirectory(directory, "project"));
      iris.build("1.0.0");

      Process other = OtherProcess.start(iris, "iris:1.0.0", "dev", "none", variables);
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(other.waitFor(120, TimeUnit.SECONDS)).isTrue();

      assertThat(said.strip()).isEqualTo("DONE");
    }
    try (var files = Files.list(home)) {
      assertThat(files).hasSize(1);
    }
  }

  private static ObjectId commit(
      LedgerRepository git, @org.jspecify.annotations.Nullable ObjectId parent, String text)
      throws IOException {
    return git.commit(parent, Map.of("a/b", text.getBytes(StandardCharsets.UTF_8)), text, who());
  }

  private static PersonIdent who() {
    return new PersonIdent("Alice", "", Instant.EPOCH, java.time.ZoneOffset.UTC);
  }
}
