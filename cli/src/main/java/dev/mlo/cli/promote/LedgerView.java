package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/// The ledger at one commit. It does not change while it is read.
final class LedgerView {
  private final @Nullable LedgerRepository repository;
  private final @Nullable ObjectId commit;

  /// @param repository `null`: there is no ledger yet
  LedgerView(@Nullable LedgerRepository repository, @Nullable ObjectId commit) {
    this.repository = repository;
    this.commit = commit;
  }

  @Nullable ObjectId commit() {
    return commit;
  }

  /// What an environment should be; empty when nothing was promoted there.
  Optional<EnvironmentRecord> record(String model, String environment) throws IOException {
    if (repository == null || commit == null) {
      return Optional.empty();
    }
    String path = Ledger.recordPath(model, environment);
    Optional<byte[]> bytes = repository.file(commit, path);
    return bytes.isEmpty() ? Optional.empty() : Optional.of(parsedRecord(path, bytes.get()));
  }

  /// The records of every model in an environment.
  Collection<EnvironmentRecord> records(String environment) throws IOException {
    var found = new ArrayList<EnvironmentRecord>();
    for (Map.Entry<String, byte[]> file : files("envs").entrySet()) {
      if (file.getKey().endsWith("/" + environment + ".json")) {
        found.add(parsedRecord(file.getKey(), file.getValue()));
      }
    }
    return found;
  }

  /// The events of an environment, oldest first.
  List<LedgerEvent> events(String model, String environment) throws IOException {
    var found = new ArrayList<LedgerEvent>();
    for (Map.Entry<String, byte[]> file : eventFiles(model, environment).entrySet()) {
      found.add(parsedEvent(file.getKey(), file.getValue()));
    }
    return found;
  }

  /// The raw event files by path, oldest first.
  SortedMap<String, byte[]> eventFiles(String model, String environment) throws IOException {
    return files(Ledger.eventFolder(model, environment));
  }

  private SortedMap<String, byte[]> files(String folder) throws IOException {
    return repository == null || commit == null
        ? new java.util.TreeMap<>()
        : repository.files(commit, folder);
  }

  private static EnvironmentRecord parsedRecord(String path, byte[] bytes) {
    try {
      EnvironmentRecord record = EnvironmentRecord.parse(bytes);
      if (!path.equals(Ledger.recordPath(record.model(), record.environment()))) {
        throw new LedgerFormatException("it speaks of another environment");
      }
      return record;
    } catch (LedgerFormatException e) {
      throw damaged(path, e);
    }
  }

  static LedgerEvent parsedEvent(String path, byte[] bytes) {
    try {
      return LedgerEvent.parse(bytes);
    } catch (LedgerFormatException e) {
      throw damaged(path, e);
    }
  }

  private static Failure damaged(String path, LedgerFormatException e) {
    return Failure.of(ExitCode.INTEGRITY, "the ledger's file `%s` is damaged".formatted(path))
        .why(String.valueOf(e.getMessage()))
        .hint("mlo history --verify")
        .cause(e);
  }
}
