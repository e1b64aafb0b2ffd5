package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Project;
import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/// Brings one release to one environment, in the order that lets a crash at any instant leave the
/// old state or the new one, and lets the same call finish what a crash cut short.
final class Delivery {
  /// @param gates what the release must answer
  /// @param replace a digest the pointer may be moved away from although `mlo` did not put it there
  record Order(
      EventKind kind,
      List<Gate> gates,
      boolean dryRun,
      @Nullable String reason,
      @Nullable Digest replace) {}

  private final Project project;
  private final Ledger ledger;
  private final Author author;
  private final PromotionLog log;
  private final Checkpoint checkpoint;

  Delivery(Project project, Ledger ledger, Author author, PromotionLog log, Checkpoint checkpoint) {
    this.project = project;
    this.ledger = ledger;
    this.author = author;
    this.log = log;
    this.checkpoint = checkpoint;
  }

  PromotionResult deliver(Candidate named, Order order) throws IOException {
    log.resolved(named.model(), named.release(), named.source().name(), named.target().name());
    checkpoint.passed(Checkpoint.Step.RESOLVED);
    Standing before = Standing.of(ledger, named);
    before.refuseForeignPointer(named, order.replace());
    before.refuseVersionClash(named);
    if (before.isAt(named.release())) {
      return settle(named, before, order);
    }
    Candidate candidate = named.surveyed();
    checkpoint.passed(Checkpoint.Step.PLANNED);
    List<GateResult> gates = ask(order.gates(), candidate);
    refuseUnlessPassed(candidate, gates);
    checkpoint.passed(Checkpoint.Step.JUDGED);
    if (order.dryRun()) {
      return planned(candidate, before, order, gates);
    }
    LayoutStore target = LayoutStore.create(candidate.target().store());
    Copy.Report copied = bring(candidate, target);
    EnvironmentRecord record = commit(candidate, before, order, gates);
    checkpoint.passed(Checkpoint.Step.COMMITTED);
    new Pointer(ledger, target, candidate, log).follow(record, order.replace());
    checkpoint.passed(Checkpoint.Step.POINTED);
    return result(
        PromotionResult.Outcome.DONE,
        candidate,
        before,
        order.kind(),
        gates,
        record,
        copied.bytesWritten());
  }

  /// The ledger says it already: what is left is to see that the rest follows.
  private PromotionResult settle(Candidate named, Standing before, Order order) throws IOException {
    EnvironmentRecord record = java.util.Objects.requireNonNull(before.record());
    boolean whole = Whole.fault(named.target().store(), named.release().root()).isEmpty();
    boolean tagged = before.version() != null;
    boolean pointed = named.release().digest().equals(before.pointer());
    if (order.dryRun() || (whole && tagged && pointed)) {
      return result(
          order.dryRun() && !(whole && tagged && pointed)
              ? PromotionResult.Outcome.PLANNED
              : PromotionResult.Outcome.ALREADY_THERE,
          named,
          before,
          order.kind(),
          List.of(),
          record,
          0);
    }
    LayoutStore target = LayoutStore.create(named.target().store());
    long written = 0;
    if (!whole || !tagged) {
      Candidate candidate = named.surveyed();
      refuseUnlessPassed(candidate, ask(List.of(new IntegrityGate()), candidate));
      written = bring(candidate, target).bytesWritten();
    }
    new Pointer(ledger, target, named, log).follow(record, order.replace());
    checkpoint.passed(Checkpoint.Step.POINTED);
    return result(
        whole && tagged && wasInterrupted(record, before.pointer())
            ? PromotionResult.Outcome.FINISHED
            : PromotionResult.Outcome.RESTORED,
        named,
        before,
        order.kind(),
        List.of(),
        record,
        written);
  }

  private static boolean wasInterrupted(EnvironmentRecord record, @Nullable Digest pointer) {
    return pointer == null ? record.sequence() == 1 : record.expectsPointerAt(pointer);
  }

  private List<GateResult> ask(List<Gate> gates, Candidate candidate) throws IOException {
    var results = new ArrayList<GateResult>();
    for (Gate gate : gates) {
      GateResult result = gate.ask(candidate);
      log.judged(result);
      results.add(result);
    }
    return results;
  }

  private static void refuseUnlessPassed(Candidate candidate, List<GateResult> gates) {
    var why = new ArrayList<String>();
    var hints = new ArrayList<String>();
    boolean broken = false;
    for (GateResult gate : gates) {
      if (gate.verdict() instanceof Verdict.Fail fail) {
        why.add(gate.gate() + ": " + fail.reason());
        hints.add(fail.hint());
        broken |= gate.gate().equals(IntegrityGate.NAME);
      }
    }
    if (!why.isEmpty()) {
      throw Failure.of(
              broken ? ExitCode.INTEGRITY : ExitCode.REFUSED,
              "%s may not enter `%s`: %d of %d gates refused"
                  .formatted(
                      candidate.versionTag(), candidate.target().name(), why.size(), gates.size()))
          .why(why)
          .hint(String.join("; ", hints.stream().distinct().toList()));
    }
  }

  /// Everything that can be done before it counts: content, statements, the version's name, and a
  /// second look at all of it.
  private Copy.Report bring(Candidate candidate, LayoutStore target) throws IOException {
    Copy.Report report = copy(candidate, target);
    log.copied(report);
    checkpoint.passed(Checkpoint.Step.COPIED);
    giveVersion(candidate, target);
    checkpoint.passed(Checkpoint.Step.VERSION_TAGGED);
    verify(candidate, target);
    checkpoint.passed(Checkpoint.Step.VERIFIED);
    return report;
  }

  private Copy.Report copy(Candidate candidate, LayoutStore target) throws IOException {
    LayoutStore source = candidate.source().store();
    if (source.directory().toRealPath().equals(target.directory().toRealPath())) {
      return new Copy.Report(0, 0, 0, 0, 0, 0);
    }
    CopyLog shown = log.copying();
    return Copy.copy(
        source,
        candidate.release().root(),
        target,
        new CopyLog() {
          @Override
          public void planned(long blobs, long bytes) {
            shown.planned(blobs, bytes);
          }

          @Override
          public void moved(Descriptor blob, long bytes) {
            shown.moved(blob, bytes);
            checkpoint.passed(Checkpoint.Step.BLOB_COPIED);
          }
        });
  }

  private static void giveVersion(Candidate candidate, LayoutStore target) throws IOException {
    try {
      target.tag(candidate.versionTag(), candidate.release().root(), null);
    } catch (ConflictException e) {
      @Nullable Digest there = Standing.digest(target.tags(), candidate.versionTag());
      if (there != null && !there.equals(candidate.release().digest())) {
        throw Standing.clash(candidate, there);
      }
    }
  }

  private static void verify(Candidate candidate, LayoutStore target) throws IOException {
    Optional<String> fault = Whole.fault(target, candidate.release().root());
    if (fault.isPresent()) {
      throw Failure.of(
              ExitCode.INTEGRITY,
              "%s is not whole in `%s` after the copy"
                  .formatted(candidate.versionTag(), candidate.target().name()))
          .why(fault.get())
          .hint("nothing was promoted; run the same command again");
    }
  }

  private EnvironmentRecord commit(
      Candidate candidate, Standing before, Order order, List<GateResult> gates)
      throws IOException {
    Entry entry = Entry.of(candidate, before, order, gates, author, repository());
    try {
      ledger.append(before.record(), entry.event(), entry.record());
      Optional<ObjectId> head = ledger.head();
      if (head.isPresent()) {
        LastSeen.of(project.workspace()).note(head.get());
      }
      log.committed(candidate.target().name(), entry.record().sequence());
      return entry.record();
    } catch (LostRaceException e) {
      @Nullable EnvironmentRecord now = e.now();
      if (now != null && now.current().digest().equals(candidate.release().digest())) {
        return now;
      }
      throw Pointer.lost(candidate, e.event());
    }
  }

  private @Nullable String repository() {
    return project.image().repository();
  }

  private PromotionResult planned(
      Candidate candidate, Standing before, Order order, List<GateResult> gates)
      throws IOException {
    long missing = candidate.size().bytes();
    if (Files.isDirectory(candidate.target().store())) {
      LayoutStore target = LayoutStore.open(candidate.target().store());
      missing =
          Copy.plan(candidate.source().store(), candidate.release().root(), target::has)
              .bytesWritten();
    }
    return result(
        PromotionResult.Outcome.PLANNED,
        candidate,
        before,
        order.kind(),
        gates,
        before.record(),
        missing);
  }

  private PromotionResult result(
      PromotionResult.Outcome outcome,
      Candidate candidate,
      Standing before,
      EventKind kind,
      List<GateResult> gates,
      @Nullable EnvironmentRecord record,
      long bytes)
      throws IOException {
    @Nullable Release was = before.record() == null ? null : before.record().current();
    boolean moved = was != null && !was.digest().equals(candidate.release().digest());
    Optional<String> following =
        new Environments(project).following(candidate.target()).map(next -> next.name());
    List<LedgerEvent> events = ledger.events(candidate.model(), candidate.target().name());
    return new PromotionResult(
        outcome,
        kind,
        candidate.model(),
        candidate.target().name(),
        candidate.release(),
        moved ? was : null,
        candidate.source().name(),
        gates,
        record,
        candidate.size(),
        bytes,
        ledger.directory(),
        following,
        Track.of(events).releases().size() > 1);
  }
}
