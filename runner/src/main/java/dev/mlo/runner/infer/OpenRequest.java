package dev.mlo.runner.infer;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.Tensor;
import dev.mlo.runner.slot.Lease;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that has its version and was found to be one that the version takes. It ends with
/// exactly one answer, and gives its lease and its place up then.
final class OpenRequest {
  private final Conversation conversation;
  private final Lease lease;
  private final InferenceRequest request;
  private final Metrics.Request measured;
  private final Runnable whenOver;
  private @Nullable Runnable again;

  OpenRequest(
      Conversation conversation,
      Lease lease,
      InferenceRequest request,
      Metrics.Request measured,
      Runnable whenOver) {
    this.conversation = conversation;
    this.lease = lease;
    this.request = request;
    this.measured = measured;
    this.whenOver = whenOver;
  }

  InferenceRequest request() {
    return request;
  }

  Lease lease() {
    return lease;
  }

  boolean isOver() {
    return conversation.isOver();
  }

  /// What to do instead of refusing when the engine was told to stop, and somebody still waits.
  void whenStopped(Runnable anew) {
    again = anew;
  }

  void stage(Stage stage) {
    measured.stage(stage);
  }

  /// An inference of its own, to the end.
  void infer() {
    try {
      switch (lease.infer(request.inputs(), request.outputs())) {
        case Lease.Outcome.Answer answer -> {
          measured.inferred(lease.serving());
          answer(answer.outputs());
        }
        case Lease.Outcome.BadInput bad ->
            refuse(
                Code.CLIENT_ERROR,
                new Refusal(Refusal.Reason.MALFORMED, "malformed", bad.message()));
        case Lease.Outcome.EngineFault _ when isStoppedForOthers() -> begin(again);
        case Lease.Outcome.EngineFault fault ->
            refuse(
                Code.MODEL_ERROR,
                new Refusal(Refusal.Reason.MODEL, "model_error", fault.message()));
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      fail(e);
    }
  }

  private boolean isStoppedForOthers() {
    return again != null && lease.isCancelled() && !conversation.isOver();
  }

  private void begin(@Nullable Runnable anew) {
    measured.stopped(lease.serving());
    over();
    if (anew != null) {
      anew.run();
    }
  }

  void answer(List<Tensor> outputs) {
    try {
      var response =
          new InferenceResponse(
              lease.serving().model(), lease.serving().version(), request.id(), outputs);
      conversation.answer(
          request,
          response,
          () -> {
            measured.stage(Stage.ENCODE);
            measured.end(Code.OK);
          });
      over();
    } catch (Refusal e) {
      refuse(Code.CLIENT_ERROR, e);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      fail(e);
    }
  }

  /// Nobody waits for it any more: the engine may stop.
  void cancel() {
    lease.cancel();
  }

  /// Gives it up without an answer.
  void drop() {
    over();
  }

  private void fail(Throwable e) {
    refuse(Code.INTERNAL, new Refusal(Refusal.Reason.INTERNAL, "internal", "unexpected: " + e));
  }

  /// What came too late was counted by whoever gave the waiting up.
  private void refuse(Code code, Refusal refusal) {
    try {
      conversation.refuse(refusal, () -> measured.end(code));
    } finally {
      over();
    }
  }

  private void over() {
    try {
      lease.close();
    } finally {
      whenOver.run();
    }
  }
}
