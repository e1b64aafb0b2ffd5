package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes an environment back to a release it had before: a promotion whose source is the
/// environment's own history. It was judged when it came in, so only its bytes are looked at again.
public final class Rollback {
  /// @param to a version, a sequence number or a digest; `null`: the one before the current one
  /// @param replace a digest the pointer may be moved away from although `mlo` did not put it there
  public record Request(
      String environment,
      @Nullable String to,
      boolean dryRun,
      @Nullable String reason,
      @Nullable Digest replace) {}

  private final Project project;
  private final Ledger ledger;
  private final Author author;
  private final PromotionLog log;
  private final Checkpoint checkpoint;

  public Rollback(Project project, Author author, PromotionLog log) {
    this(project, author, log, Checkpoint.NONE);
  }

  Rollback(Project project, Author author, PromotionLog log, Checkpoint checkpoint) {
    this.project = project;
    this.ledger = Ledger.at(project.ledger());
    this.author = author;
    this.log = log;
    this.checkpoint = checkpoint;
  }

  /// @throws Failure NOT_FOUND when the history has no such release
  public PromotionResult rollback(Request request) throws IOException {
    Environment target = new Environments(project).named(request.environment());
    if (request.dryRun()) {
      return carry(request, target);
    }
    try (FileGuard _ = Promoter.lock(project, target)) {
      checkpoint.passed(Checkpoint.Step.LOCKED);
      return carry(request, target);
    }
  }

  private PromotionResult carry(Request request, Environment target) throws IOException {
    Release release = wanted(request, target);
    Candidate candidate = Candidate.of(origin(release, target), target);
    return new Delivery(project, ledger, author, log, checkpoint)
        .deliver(
            candidate,
            new Delivery.Order(
                EventKind.ROLLBACK,
                List.of(new IntegrityGate()),
                request.dryRun(),
                request.reason(),
                request.replace()));
  }

  private Release wanted(Request request, Environment target) throws IOException {
    List<LedgerEvent> events = ledger.events(project.name(), target.name());
    if (events.isEmpty()) {
      throw Failure.of(
              ExitCode.NOT_FOUND,
              "nothing was promoted to `%s` yet".formatted(request.environment()))
          .hint("mlo status");
    }
    if (request.to() != null) {
      return inHistory(request.to(), events)
          .orElseThrow(() ->
              Failure.of(
                      ExitCode.NOT_FOUND,
                      "`%s` was never in `%s`".formatted(request.to(), request.environment()))
                  .why("its history has " + names(events))
                  .hint("mlo history " + request.environment()));
    }
    if (wasInterrupted(target, events.getLast())) {
      return events.getLast().to();
    }
    List<Release> way = Track.of(events).releases();
    if (way.size() < 2) {
      throw Failure.of(
              ExitCode.NOT_FOUND,
              "there is nothing before %s in `%s`"
                  .formatted(way.getLast().version(), request.environment()))
          .hint("mlo history " + request.environment());
    }
    return way.get(way.size() - 2);
  }

  /// Whether a rollback is in the ledger that the pointer did not follow yet; asking again for a
  /// rollback then means that one.
  private boolean wasInterrupted(Environment target, LedgerEvent last) throws IOException {
    Optional<EnvironmentRecord> record = ledger.record(project.name(), target.name());
    if (record.isEmpty() || last.kind() != EventKind.ROLLBACK) {
      return false;
    }
    try {
      @Nullable Digest now =
          Standing.digest(LayoutStore.open(target.store()).tags(), record.get().pointer().tag());
      return now != null && !now.equals(last.to().digest()) && record.get().expectsPointerAt(now);
    } catch (OciException e) {
      return false;
    }
  }

  /// A version before a sequence number, where a text is both; `#3` is always a number.
  private static Optional<Release> inHistory(String wanted, List<LedgerEvent> events) {
    for (LedgerEvent event : events.reversed()) {
      Release to = event.to();
      if (to.version().equals(wanted) || to.digest().toString().equals(wanted)) {
        return Optional.of(to);
      }
    }
    String number = wanted.startsWith("#") ? wanted.substring(1) : wanted;
    return events.stream()
        .filter(event -> Integer.toString(event.sequence()).equals(number))
        .map(LedgerEvent::to)
        .findFirst();
  }

  private static String names(List<LedgerEvent> events) {
    return String.join(
        ", ", events.stream().map(event -> event.to().version()).distinct().toList());
  }

  /// The environment's own store; where content was lost there, any other that still has it whole.
  private Candidate.Origin origin(Release release, Environment target) throws IOException {
    Map<String, Path> places = new LinkedHashMap<>();
    places.put(target.name(), target.store());
    places.put(Candidate.Origin.PROJECT, project.workspace().store());
    project.environments().forEach(other -> places.putIfAbsent(other.name(), other.store()));
    for (Map.Entry<String, Path> place : places.entrySet()) {
      if (Whole.fault(place.getValue(), release.root()).isEmpty()) {
        return new Candidate.Origin(
            LayoutStore.open(place.getValue()), place.getKey(), release.root());
      }
    }
    return Origins.in(target.store(), target.name(), release.digest().toString());
  }
}
