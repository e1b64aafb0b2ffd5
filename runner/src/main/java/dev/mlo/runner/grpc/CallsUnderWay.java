package dev.mlo.runner.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts the calls that a stop waits for: those of one question and one answer. Whoever watches
/// the health does so for ever.
final class CallsUnderWay implements ServerInterceptor {
  private final AtomicInteger calls = new AtomicInteger();
  private final CompletableFuture<Void> none = new CompletableFuture<>();
  private volatile boolean stopping;

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getType() != MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    calls.incrementAndGet();
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onComplete() {
        super.onComplete();
        ended();
      }

      @Override
      public void onCancel() {
        super.onCancel();
        ended();
      }
    };
  }

  private void ended() {
    if (calls.decrementAndGet() == 0 && stopping) {
      none.complete(null);
    }
  }

  /// Waits until there are none.
  ///
  /// @return whether that was in time
  boolean awaitNone(Duration atMost) throws InterruptedException {
    stopping = true;
    if (calls.get() == 0) {
      return true;
    }
    try {
      none.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }
}
