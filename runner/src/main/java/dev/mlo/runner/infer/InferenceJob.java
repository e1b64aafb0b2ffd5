package dev.mlo.runner.infer;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.MalformedException;
import dev.mlo.runner.slot.Lease;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One request from the queue to its inference, on a worker. It takes its lease when it begins, so
/// that a request which waits in the queue keeps no version alive.
final class InferenceJob implements Runnable {
  private final Conversation conversation;
  private final Target target;
  private final InferencePool pool;
  private final Batches batches;
  private final Metrics metrics;
  private final long admitted = System.nanoTime();
  private boolean done;
  private boolean cancelled;
  private @Nullable OpenRequest open;
  private @Nullable Runnable whenDone;

  InferenceJob(
      Conversation conversation,
      Target target,
      InferencePool pool,
      Batches batches,
      Metrics metrics) {
    this.conversation = conversation;
    this.target = target;
    this.pool = pool;
    this.batches = batches;
    this.metrics = metrics;
  }

  /// @param listener run when the job has ended, at once when it has already
  void whenDone(Runnable listener) {
    synchronized (this) {
      if (!done) {
        whenDone = listener;
        return;
      }
    }
    listener.run();
  }

  /// Ends it, by a worker or because it was taken out of the queue.
  void end() {
    Runnable listener;
    synchronized (this) {
      done = true;
      listener = whenDone;
    }
    if (listener != null) {
      listener.run();
    }
  }

  /// The caller is told that he has waited long enough.
  ///
  /// @param millis how long that was
  void expire(long millis) {
    giveUp(
        Code.TIMEOUT,
        new Refusal(
            Refusal.Reason.TIMEOUT, "timeout", "there was no answer within " + millis + " ms"));
  }

  /// The caller has gone.
  void abandon() {
    giveUp(
        Code.CANCELLED,
        new Refusal(Refusal.Reason.GONE, "gone", "the caller left before there was an answer"));
  }

  /// Gives the job up when its caller has gone.
  ///
  /// @return whether nobody waits for it any more
  boolean look() {
    if (conversation.isDeserted()) {
      abandon();
    }
    return conversation.isOver();
  }

  private void giveUp(Code code, Refusal refusal) {
    conversation.refuse(
        refusal, () -> metrics.turnedAway(target.admitted(), conversation.protocol(), code));
    cancel();
  }

  /// Nobody waits for the answer any more: a job in the queue gives its place up, and an inference
  /// under way is told to stop, which keeps its worker until the engine has.
  private void cancel() {
    pool.withdraw(this);
    OpenRequest begun;
    synchronized (this) {
      cancelled = true;
      begun = open;
    }
    if (begun != null) {
      begun.cancel();
    }
  }

  /// On the caller's thread, which gets it back soon.
  ///
  /// @param guard whom to tell
  /// @param anew what begins it on a worker when it takes too long here
  void runHere(Guard guard, Runnable anew) {
    OpenRequest begun = open();
    if (begun == null) {
      pool.done(this);
      return;
    }
    Guard.Watched watched =
        guard.watch(() -> {
          conversation.heldUp();
          begun.cancel();
        });
    if (watched == null) {
      begun.drop();
      anew.run();
      return;
    }
    try (watched) {
      begun.whenStopped(anew);
      begun.infer();
    }
  }

  @Override
  public void run() {
    OpenRequest begun = isOver() ? null : open();
    if (begun == null) {
      pool.done(this);
      return;
    }
    boolean tooLate;
    synchronized (this) {
      open = begun;
      tooLate = cancelled;
    }
    if (tooLate) {
      begun.drop();
    } else {
      batches.infer(begun, pool.settings().batching());
    }
  }

  /// Whoever has waited for long may have left since somebody looked.
  private boolean isOver() {
    return System.nanoTime() - admitted > Patience.FIRST_LOOK.toNanos()
        ? look()
        : conversation.isOver();
  }

  /// @return `null` when it was refused
  private @Nullable OpenRequest open() {
    Metrics.Request measured = metrics.begin(conversation.protocol(), admitted);
    Lease lease = null;
    try {
      lease = target.lease();
      measured.version(lease.serving(), lease.role().name().toLowerCase(Locale.ROOT));
      InferenceRequest request = conversation.request(lease.card());
      InputCheck.check(request, lease.card().signature());
      measured.stage(Stage.DECODE);
      return new OpenRequest(conversation, lease, request, measured, () -> pool.done(this));
    } catch (Refusal e) {
      return refused(lease, measured, code(e), e);
    } catch (MalformedException e) {
      var refusal =
          new Refusal(Refusal.Reason.MALFORMED, "malformed", String.valueOf(e.getMessage()));
      return refused(lease, measured, Code.CLIENT_ERROR, refusal);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      var refusal = new Refusal(Refusal.Reason.INTERNAL, "internal", "unexpected: " + e);
      return refused(lease, measured, Code.INTERNAL, refusal);
    }
  }

  private static Code code(Refusal refusal) {
    return switch (refusal.reason()) {
      case TOO_LARGE -> Code.CLIENT_ERROR;
      case CROWDED -> Code.REJECTED;
      default -> Code.INTERNAL;
    };
  }

  private @Nullable OpenRequest refused(
      @Nullable Lease lease, Metrics.Request measured, Code code, Refusal refusal) {
    if (lease != null) {
      lease.close();
    }
    conversation.refuse(refusal, () -> measured.end(code));
    return null;
  }
}
