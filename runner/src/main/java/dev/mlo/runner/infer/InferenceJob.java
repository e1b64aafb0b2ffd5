package dev.mlo.runner.infer;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.runner.slot.Lease;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One inference from its request to its answer, on a worker. It takes its lease when it begins, so
/// that a request which waits in the queue keeps no version alive.
final class InferenceJob implements Runnable {
  private final Conversation conversation;
  private final Target target;
  private final InferencePool pool;
  private final Metrics metrics;
  private final long admitted = System.nanoTime();
  private boolean done;
  private @Nullable Runnable whenDone;

  InferenceJob(Conversation conversation, Target target, InferencePool pool, Metrics metrics) {
    this.conversation = conversation;
    this.target = target;
    this.pool = pool;
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

  @Override
  public void run() {
    try {
      if (!conversation.isOver()) {
        infer();
      }
    } finally {
      pool.done(this);
    }
  }

  private void infer() {
    Metrics.Request measured = metrics.begin(conversation.protocol(), admitted);
    try (Lease lease = target.lease()) {
      measured.version(lease.serving(), lease.role().name().toLowerCase(Locale.ROOT));
      answer(lease, measured);
    } catch (Refusal e) {
      measured.end(Code.INTERNAL);
      conversation.refuse(e);
    } catch (MalformedException e) {
      measured.end(Code.CLIENT_ERROR);
      conversation.refuse(
          new Refusal(Refusal.Reason.MALFORMED, "malformed", String.valueOf(e.getMessage())));
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      measured.end(Code.INTERNAL);
      conversation.refuse(new Refusal(Refusal.Reason.INTERNAL, "internal", "unexpected: " + e));
    }
  }

  private void answer(Lease lease, Metrics.Request measured)
      throws MalformedException, IOException {
    InferenceRequest request = conversation.request(lease.card());
    InputCheck.check(request, lease.card().signature());
    measured.stage("decode");
    switch (lease.infer(request.inputs(), request.outputs())) {
      case Lease.Outcome.Answer answer -> {
        measured.stage("infer");
        var response =
            new InferenceResponse(
                lease.serving().model(), lease.serving().version(), request.id(), answer.outputs());
        boolean inTime = conversation.answer(request, response);
        measured.stage("encode");
        measured.end(inTime ? Code.OK : Code.TIMEOUT);
      }
      case Lease.Outcome.BadInput bad -> throw new MalformedException(bad.message());
      case Lease.Outcome.EngineFault fault -> {
        measured.end(Code.MODEL_ERROR);
        conversation.refuse(new Refusal(Refusal.Reason.MODEL, "model_error", fault.message()));
      }
    }
  }
}
