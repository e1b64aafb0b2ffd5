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

  private void verify(List<String> environments) throws IOException {
    LastSeen lastSeen = LastSeen.of(project.workspace());
    Optional<ObjectId> seen = lastSeen.commit();
    Optional<LedgerRepository> there = LedgerRepository.open(ledger.directory());
    if (there.isEmpty()) {
      if (seen.isPresent()) {
        throw broken(List.of("there is none, although commit " + seen.get().name() + " was seen"));
      }
      return;
    }
    try (LedgerRepository repository = there.get()) {
      @Nullable ObjectId head = repository.head();
      if (head == null) {
        return;
      }
      List<String> faults =
          LedgerAudit.faults(repository, head, project.name(), environments, seen);
      if (!faults.isEmpty()) {
        throw broken(faults);
      }
      lastSeen.note(head);
    }
  }

  private Failure broken(List<String> faults) {
    return Failure.of(
            ExitCode.INTEGRITY, "the ledger `%s` does not hold".formatted(ledger.directory()))
        .why(faults)
        .hint("restore it from a copy; see what is there: mlo history -o json");
  }
}
