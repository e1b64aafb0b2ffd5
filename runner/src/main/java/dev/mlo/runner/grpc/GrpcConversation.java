package dev.mlo.runner.grpc;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import dev.mlo.runner.infer.Conversation;
import dev.mlo.runner.infer.Refusal;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;

/// An inference over gRPC.
final class GrpcConversation implements Conversation {
  private final ModelInferRequest message;
  private final ServerCallStreamObserver<ModelInferResponse> observer;
  private final AtomicBoolean answered = new AtomicBoolean();

  GrpcConversation(
      ModelInferRequest message, ServerCallStreamObserver<ModelInferResponse> observer) {
    this.message = message;
    this.observer = observer;
  }

  @Override
  public String protocol() {
    return "grpc";
  }

  @Override
  public boolean isOver() {
    return answered.get() || observer.isCancelled();
  }

  @Override
  public boolean isDeserted() {
    return !answered.get() && observer.isCancelled();
  }

  @Override
  public InferenceRequest request(ModelCard card) throws MalformedException {
    return GrpcMessages.request(message);
  }

  @Override
  public void answer(InferenceRequest request, InferenceResponse response, Runnable count) {
    ModelInferResponse reply = GrpcMessages.response(request, response);
    if (!observer.isCancelled() && answered.compareAndSet(false, true)) {
      count.run();
      observer.onNext(reply);
      observer.onCompleted();
    }
  }

  @Override
  public void refuse(Refusal refusal, Runnable count) {
    boolean gone = refusal.reason() == Refusal.Reason.GONE;
    if (observer.isCancelled() == gone && answered.compareAndSet(false, true)) {
      count.run();
      if (!gone) {
        observer.onError(Statuses.of(refusal));
      }
    }
  }
}
