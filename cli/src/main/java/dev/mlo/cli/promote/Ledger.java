package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.jspecify.annotations.Nullable;

/// What every environment should be and how it came to be so: the branch `mlo/ledger` of a bare git
/// repository. A promotion has happened exactly when the branch has moved.
public final class Ledger {
  static final String FORMAT = "mlo-ledger/1";

  /// Six digits name an event.
  static final int LAST_SEQUENCE = 999_999;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int TRIES = 60;

  /// A lock file of git's this old was left by a process that was killed: moving a branch takes
  /// milliseconds, and no other `mlo` is at it while we hold our own lock.
  private static final Duration LEFT_OVER = Duration.ofSeconds(2);

  private final Path directory;

  private Ledger(Path directory) {
    this.directory = directory;
  }

  /// @param directory the bare repository; it is made when the first event is written
  public static Ledger at(Path directory) {
    return new Ledger(directory);
  }

  public Path directory() {
    return directory;
  }

  /// Something that is done with the ledger as it is now.
  interface Reading<T> {
    T read(LedgerView view) throws IOException;
  }

  <T> T read(Reading<T> reading) throws IOException {
    Optional<LedgerRepository> there = LedgerRepository.open(directory);
    if (there.isEmpty()) {
      return reading.read(new LedgerView(null, null));
    }
    try (LedgerRepository repository = there.get()) {
      return reading.read(new LedgerView(repository, repository.head()));
    }
  }

  Optional<EnvironmentRecord> record(String model, String environment) throws IOException {
    return read(view -> view.record(model, environment));
  }

  List<LedgerEvent> events(String model, String environment) throws IOException {
    return read(view -> view.events(model, environment));
  }

  /// The last commit; empty when nothing was written yet.
  Optional<ObjectId> head() throws IOException {
    return read(view -> Optional.ofNullable(view.commit()));
  }

  /// Writes an event and the record it leads to, if the environment still is as the caller saw it.
  /// Others may write about other environments meanwhile.
  ///
  /// @param before the environment's record as the caller read it
  /// @throws LostRaceException when somebody else changed this environment since
  void append(@Nullable EnvironmentRecord before, LedgerEvent event, EnvironmentRecord after)
      throws IOException, LostRaceException {
    try (LedgerRepository repository = LedgerRepository.create(directory);
        FileGuard _ = FileGuard.acquire(directory.resolve("mlo.lock"), PATIENCE, "the ledger")) {
      repository.sweep();
      for (int i = 0; i < TRIES; i++) {
        @Nullable ObjectId head = repository.head();
        LedgerView view = new LedgerView(repository, head);
        @Nullable EnvironmentRecord now =
            view.record(after.model(), after.environment()).orElse(null);
        if (after.equals(now)) {
          return;
        }
        if (!java.util.Objects.equals(before, now)) {
          throw new LostRaceException(
              now, lastEvent(view, after.model(), after.environment()).orElse(null));
        }
        ObjectId commit =
            repository.commit(head, files(view, event, after), message(event), who(event));
        switch (repository.move(head, commit)) {
          case DONE -> {
            return;
          }
          case LOST -> pause();
          case LOCKED -> {
            removeLeftOver(repository.lockFile());
            pause();
          }
        }
      }
      throw Failure.of(ExitCode.CONFLICT, "the ledger `%s` is busy".formatted(directory))
          .why("another program keeps changing or locking it: " + repository.lockFile())
          .hint("end that program, then run the same command again");
    }
  }

  private static Optional<LedgerEvent> lastEvent(LedgerView view, String model, String environment)
      throws IOException {
    List<LedgerEvent> events = view.events(model, environment);
    return events.isEmpty() ? Optional.empty() : Optional.of(events.getLast());
  }

  private static Map<String, byte[]> files(
      LedgerView view, LedgerEvent event, EnvironmentRecord after) throws IOException {
    var files = new TreeMap<String, byte[]>();
    files.put("format", (FORMAT + "\n").getBytes(StandardCharsets.UTF_8));
    files.put(recordPath(after.model(), after.environment()), after.bytes());
    files.put(
        eventFolder(event.model(), event.environment()) + "/" + event.fileName(), event.bytes());
    var records = new ArrayList<EnvironmentRecord>(view.records(after.environment()));
    records.removeIf(other -> other.model().equals(after.model()));
    records.add(after);
    files.putAll(GitOps.render(after.environment(), records));
    return files;
  }

  private static String message(LedgerEvent event) {
    String what =
        "%s %s %s in %s, #%d"
            .formatted(
                event.kind().word(),
                event.model(),
                event.to().brief(),
                event.environment(),
                event.sequence());
    return event.reason() == null ? what + "\n" : what + "\n\n" + event.reason() + "\n";
  }

  private static PersonIdent who(LedgerEvent event) {
    Instant at = event.at();
    return new PersonIdent(event.actor().name(), event.actor().email(), at, ZoneOffset.UTC);
  }

  private static void removeLeftOver(Path lock) throws IOException {
    try {
      Instant made = Files.getLastModifiedTime(lock).toInstant();
      if (made.plus(LEFT_OVER).isBefore(Instant.now())) {
        Files.deleteIfExists(lock);
      }
    } catch (NoSuchFileException e) {
      // Whoever held it has let go.
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(20, 120));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.of(ExitCode.INTERRUPTED, "interrupted while writing the ledger").cause(e);
    }
  }

  static String recordPath(String model, String environment) {
    return "envs/" + model + "/" + environment + ".json";
  }

  static String eventFolder(String model, String environment) {
    return "events/" + model + "/" + environment;
  }
}
