package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Printable;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.OciException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One swap at one runner, from the request to its end. However it leaves (refusal, time, Ctrl-C, a
/// damaged layer), the runner is told to stop, and what it serves is found out and said.
final class RunnerSwap {
  /// How long one question about the state is held back by the runner.
  private static final Duration POLL = Duration.ofSeconds(30);

  /// How long a runner that was told to stop may take to say so.
  private static final Duration STOP = Duration.ofSeconds(10);

  private static final int ATTEMPTS = 5;

  /// The runner waits for this layer no more: somebody who asks for the same model sent it first,
  /// or the swap has ended. The next report tells which.
  private static final String NOT_WANTED = "not_wanted";

  private final RunnerClient client;
  private final RunnerStatus before;
  private final Swap.Request request;
  private final SwapImage image;
  private final SwapFailures failures;
  private final SwapLog log;
  private final Duration pause;
  private final long deadline;
  private final Set<String> settled = new HashSet<>();
  private int layers;
  private long bytes;
  private @Nullable SwapState state;

  RunnerSwap(
      RunnerClient client, RunnerStatus before, Swap.Request request, SwapLog log, Duration pause) {
    this.pause = pause;
    this.client = client;
    this.before = before;
    this.request = request;
    this.image = request.image();
    this.failures = new SwapFailures(client.url(), before.active(), image.name());
    this.log = log;
    this.deadline = System.nanoTime() + request.patience().toNanos();
  }

  /// Asks whether the runner would take the model; moves nothing.
  SwapOutcome check() throws InterruptedException {
    SwapReport report = start(true);
    if (report.fault() != null || report.state() == SwapState.FAILED) {
      throw failures.refused(report);
    }
    long size = report.missing().stream().mapToLong(SwapReport.Blob::size).sum();
    SwapState state = report.state() == SwapState.NOOP ? SwapState.NOOP : SwapState.ADMITTING;
    return new SwapOutcome(
        client.url(),
        state,
        before.active(),
        report.to(),
        report.missing().size(),
        size,
        report.timings());
  }

  SwapOutcome run() throws InterruptedException {
    SwapReport report;
    try {
      report = start(false);
    } catch (InterruptedException e) {
      throw interrupted(liveSwap());
    }
    String id = report.id();
    try {
      SwapReport end = follow(report);
      if (!end.state().isSuccess()) {
        throw failures.refused(end);
      }
      SwapOutcome outcome =
          new SwapOutcome(
              client.url(),
              end.state(),
              end.from() == null ? before.active() : end.from(),
              end.state() == SwapState.NOOP && end.to() == null ? end.serving() : end.to(),
              layers,
              bytes,
              end.timings());
      log.ended(outcome);
      return outcome;
    } catch (InterruptedException e) {
      throw interrupted(id);
    } catch (OciException e) {
      throw Failure.of(ExitCode.INTEGRITY, "`%s` cannot be sent".formatted(image.name()))
          .why(String.valueOf(e.getMessage()))
          .why(stop(id))
          .hint("build the image again, or copy it again from where it is whole")
          .cause(e);
    }
  }

  private SwapReport start(boolean dryRun) throws InterruptedException {
    try {
      SwapReport report =
          client.start(
              image.request(
                  before.generation(), request.allowSignatureChange(), dryRun, request.reason()));
      long size = report.missing().stream().mapToLong(SwapReport.Blob::size).sum();
      if (report.state() != SwapState.NOOP && report.fault() == null) {
        log.admitted(client.url(), before.active(), image.model(), report.missing().size(), size);
      }
      return report;
    } catch (RefusedException e) {
      throw failures.notStarted(e);
    }
  }

  /// Sends what is missing and waits for the end.
  private SwapReport follow(SwapReport first) throws OciException, InterruptedException {
    SwapReport report = first;
    int lost = 0;
    while (true) {
      if (report.state() != state) {
        state = report.state();
        log.entered(client.url(), report.state());
      }
      if (report.state().isTerminal()) {
        return report;
      }
      try {
        boolean moved = send(report);
        report = client.swap(report.id(), moved ? Duration.ZERO : poll());
        lost = 0;
      } catch (RefusedException e) {
        report = e.status() == 404 ? restarted(report, e) : rejected(report, e);
      } catch (Failure e) {
        if (e.code() != ExitCode.NETWORK || ++lost == ATTEMPTS) {
          throw e.code() == ExitCode.NETWORK ? failures.vanished(e) : e.why(stop(report.id()));
        }
        log.retrying(client.url(), e.why().isEmpty() ? e.what() : e.why().getFirst());
        Thread.sleep(pause.multipliedBy(1L << (2 * lost - 2)));
        report = again(report);
      }
    }
  }

  /// A refused layer ends the swap at the runner; its report says why.
  private SwapReport rejected(SwapReport report, RefusedException refusal)
      throws InterruptedException {
    try {
      SwapReport now = client.swap(report.id(), Duration.ZERO);
      if (now.state().isTerminal()) {
        return now;
      }
    } catch (RefusedException e) {
      refusal.addSuppressed(e);
    }
    String serves = stop(report.id());
    throw failures.refusal(refusal.reason(), refusal.code(), null, serves);
  }

  private SwapReport again(SwapReport report) throws InterruptedException {
    try {
      return client.swap(report.id(), Duration.ZERO);
    } catch (RefusedException e) {
      return restarted(report, e);
    } catch (Failure e) {
      return report;
    }
  }

  /// A runner that does not know the swap any more has started anew; what it serves then tells how
  /// the swap ended.
  private SwapReport restarted(SwapReport report, RefusedException cause)
      throws InterruptedException {
    Serving active = client.status().active();
    if (active != null && active.modelDigest().equals(image.card().digest())) {
      return new SwapReport(
          report.id(),
          report.image(),
          report.digest(),
          SwapState.COMMITTED,
          report.from(),
          active,
          List.of(),
          report.timings(),
          null,
          active,
          report.startedAt(),
          report.reason());
    }
    throw failures.refusal(
        "the runner started anew during the swap: " + cause.reason(), null, active, "");
  }

  /// @return whether there was anything to send
  private boolean send(SwapReport report)
      throws RefusedException, OciException, InterruptedException {
    boolean any = false;
    for (SwapReport.Blob blob : report.missing()) {
      if (settled.contains(blob.digest())) {
        continue;
      }
      Descriptor layer =
          image
              .layer(blob.digest(), blob.size())
              .orElseThrow(() ->
                  Failure.of(
                          ExitCode.REFUSED,
                          "`%s` asks for bytes that are no layer of `%s`"
                              .formatted(client.url(), image.name()))
                      .why(blob.size() + " bytes of " + Printable.of(blob.digest())));
      try {
        client.upload(
            layer,
            image.source(),
            done -> {
              log.sending(client.url(), blob.digest(), done, blob.size());
              remaining();
            });
        layers++;
        bytes += blob.size();
      } catch (RefusedException e) {
        if (!NOT_WANTED.equals(e.code())) {
          throw e;
        }
      }
      log.sending(client.url(), blob.digest(), blob.size(), blob.size());
      settled.add(blob.digest());
      any = true;
    }
    return any;
  }

  private Duration poll() {
    Duration left = remaining();
    Duration wait = left.compareTo(POLL) < 0 ? left : POLL;
    return wait.plusSeconds(1);
  }

  /// @throws Failure when the time is over
  private Duration remaining() {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw Failure.of(
              ExitCode.SWAP_REFUSED,
              "the swap to `%s` did not end within %d s at `%s`"
                  .formatted(image.name(), request.patience().toSeconds(), client.url()))
          .why("it was stopped in the state " + state)
          .hint("give it longer with --wait");
    }
    return Duration.ofNanos(left);
  }

  private Failure interrupted(@Nullable String id) {
    String serves = id == null ? Sentences.stillServes(before.active()) : stop(id);
    return Failure.of(ExitCode.INTERRUPTED, "interrupted: the swap was stopped")
        .why(serves)
        .hint("run the same command again to go on");
  }

  /// The swap this request became although its answer was not waited for.
  private @Nullable String liveSwap() {
    try {
      SwapReport live = client.status().swap();
      return live != null
              && !live.state().isTerminal()
              && live.digest().equals(image.digest().toString())
          ? live.id()
          : null;
    } catch (Failure | InterruptedException e) {
      return null;
    }
  }

  /// Stops the swap and says what serves then.
  private String stop(String id) {
    try {
      try {
        client.abort(id);
      } catch (RefusedException e) {
        state = null;
      }
      long end = System.nanoTime() + STOP.toNanos();
      SwapReport report = client.swap(id, STOP);
      while (!report.state().isTerminal() && System.nanoTime() < end) {
        report = client.swap(id, STOP);
      }
      if (report.state() == SwapState.COMMITTED) {
        return "it was too late to stop: `%s` serves now".formatted(Sentences.model(report.to()));
      }
      return Sentences.stillServes(report.serving());
    } catch (Failure | RefusedException | InterruptedException e) {
      return "the runner could not be asked what it serves now; before it was `%s`"
          .formatted(Sentences.model(before.active()));
    }
  }
}
