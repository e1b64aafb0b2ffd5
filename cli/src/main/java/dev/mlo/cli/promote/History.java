package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/// How environments came to be as they are.
public final class History {
  /// @param events the newest first
  /// @param verified whether the chain was walked, to its end and without a fault
  public record Result(String model, List<LedgerEvent> events, boolean verified) {
    public Result {
      events = List.copyOf(events);
    }
  }

  private final Project project;
  private final Ledger ledger;

  public History(Project project) {
    this.project = project;
    this.ledger = Ledger.at(project.ledger());
  }

  /// @param environment `null`: all
  /// @param verify walk the chain of digests and the commits too
  /// @throws Failure INTEGRITY with every fault when the chain does not hold
  public Result events(@Nullable String environment, boolean verify) throws IOException {
    List<String> names =
        environment == null
            ? project.environments().stream().map(Environment::name).toList()
            : List.of(new Environments(project).named(environment).name());
    if (verify) {
      verify(names);
    }
    var events = new ArrayList<LedgerEvent>();
    for (String name : names) {
      events.addAll(ledger.events(project.name(), name).reversed());
    }
    events.sort(Comparator.comparing(LedgerEvent::at).reversed());
    return new Result(project.name(), events, verify);
  }

  /// Walks the chain of digests and the commits, of all environments. Nothing is changed.
  ///
  /// @return a sentence for each fault; empty: it holds
  public List<String> faults() throws IOException {
    return audit(project.environments().stream().map(Environment::name).toList()).faults();
  }

  private void verify(List<String> environments) throws IOException {
    Audit audit = audit(environments);
    if (!audit.faults().isEmpty()) {
      throw broken(audit.faults());
    }
    if (audit.head() != null) {
      LastSeen.of(project.workspace()).note(audit.head());
    }
  }

  /// @param head the last commit; `null`: there is none
  private record Audit(@Nullable ObjectId head, List<String> faults) {}

  private Audit audit(List<String> environments) throws IOException {
    Optional<ObjectId> seen = LastSeen.of(project.workspace()).commit();
    Optional<LedgerRepository> there = LedgerRepository.open(ledger.directory());
    if (there.isEmpty()) {
      List<String> faults =
          seen
              .map(commit -> "there is none, although commit " + commit.name() + " was seen")
              .stream()
              .toList();
      return new Audit(null, faults);
    }
    try (LedgerRepository repository = there.get()) {
      @Nullable ObjectId head = repository.head();
      return new Audit(
          head,
          head == null
              ? List.of()
              : LedgerAudit.faults(repository, head, project.name(), environments, seen));
    }
  }

  private Failure broken(List<String> faults) {
    return Failure.of(
            ExitCode.INTEGRITY, "the ledger `%s` does not hold".formatted(ledger.directory()))
        .why(faults)
        .hint("restore it from a copy; see what is there: mlo history -o json");
  }
}
