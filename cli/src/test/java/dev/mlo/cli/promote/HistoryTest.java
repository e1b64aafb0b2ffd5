package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final PersonIdent MALLORY =
      new PersonIdent("Mallory", "", Instant.EPOCH, ZoneOffset.UTC);

  @TempDir Path directory;
  private TestProject iris = new TestProject(Path.of("."), new AtomicInteger());

  @BeforeEach
  void promoteThreeVersions() throws IOException {
    iris = TestProject.in(directory);
    for (String version : List.of("1.0.0", "2.0.0", "3.0.0")) {
      iris.build(version);
      iris.promote("iris:" + version, "dev");
    }
  }

  private Path repository() {
    return iris.project().ledger();
  }

  private Failure broken() {
    return catchThrowableOfType(
        Failure.class, () -> new History(iris.project()).events(null, true));
  }

  @Test
  void theNewestComesFirst() throws IOException {
    History.Result result = new History(iris.project()).events(null, true);

    assertThat(result.verified()).isTrue();
    assertThat(result.events()).extracting(LedgerEvent::sequence).containsExactly(3, 2, 1);
  }

  @Test
  void anEventThatWasChangedBreaksTheChain() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId head = java.util.Objects.requireNonNull(git.head());
      Map.Entry<String, byte[]> second = List.copyOf(git.files(head, "events").entrySet()).get(1);
      byte[] changed = replace(second.getValue(), "Alice", "Clara");
      git.move(head, git.commit(head, Map.of(second.getKey(), changed), "tidy", MALLORY));
    }

    Failure failure = broken();

    assertThat(failure.code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(failure.why())
        .anyMatch(line -> line.contains("000003") && line.contains("the chain is broken"))
        .anyMatch(line -> line.startsWith("commit ") && line.contains("changes"));
  }

  @Test
  void theLastEventCannotBeChangedEither() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId head = java.util.Objects.requireNonNull(git.head());
      Map.Entry<String, byte[]> last = List.copyOf(git.files(head, "events").entrySet()).getLast();
      byte[] changed = replace(last.getValue(), "Alice", "Clara");
      git.move(head, git.commit(head, Map.of(last.getKey(), changed), "tidy", MALLORY));
    }

    assertThat(broken().why()).anyMatch(line -> line.contains("does not follow"));
  }

  /// Somebody with all of the ledger in hand writes a consistent one, without the last event.
  @Test
  void aHistoryThatWasRewrittenAsAWholeIsNoticed() throws IOException {
    TestProject other = TestProject.in(directory.resolve("other"));
    for (String version : List.of("1.0.0", "2.0.0")) {
      other.build(version);
      other.promote("iris:" + version, "dev");
    }
    Files.move(repository(), directory.resolve("old.git"));
    Files.move(other.project().ledger(), repository());

    assertThat(broken().why()).anyMatch(line -> line.contains("the history was rewritten"));
  }

  @Test
  void aLedgerThatIsGoneIsNoticed() throws IOException {
    Files.move(repository(), directory.resolve("old.git"));

    assertThat(broken().why()).anyMatch(line -> line.contains("there is none"));
  }

  @Test
  void anEventThatIsMissingIsNoticed() throws IOException {
    try (LedgerRepository git = LedgerRepository.create(repository())) {
      ObjectId head = java.util.Objects.requireNonNull(git.head());
      var files = new TreeMap<>(git.files(head, "events"));
      files.putAll(git.files(head, "envs"));
      files.remove(
          files.keySet().stream()
              .filter(name -> name.contains("000002"))
              .findFirst()
              .orElseThrow());
      @Nullable ObjectId none = null;
      ObjectId rewritten = git.commit(none, files, "start again", MALLORY);
      Files.writeString(repository().resolve("refs/heads/mlo/ledger"), rewritten.name() + "\n");
    }

    Failure failure = broken();

    assertThat(failure.why())
        .anyMatch(line -> line.contains("expected #2, found #3"))
        .anyMatch(line -> line.contains("the history was rewritten"));
  }

  private static byte[] replace(byte[] text, String old, String now) {
    return new String(text, StandardCharsets.UTF_8)
        .replace(old, now)
        .getBytes(StandardCharsets.UTF_8);
  }
}
