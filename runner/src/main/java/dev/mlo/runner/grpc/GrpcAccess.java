package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.TraceContext;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Tells the access log of calls, and passes the caller's trace on.
final class GrpcAccess implements ServerInterceptor {
  private static final Metadata.Key<String> PARENT =
      Metadata.Key.of(TraceContext.REQUEST_HEADER, Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> RESPONSE =
      Metadata.Key.of(TraceContext.RESPONSE_HEADER, Metadata.ASCII_STRING_MARSHALLER);

  private final AccessLog log;

  GrpcAccess(AccessLog log) {
    this.log = log;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    TraceContext trace = TraceContext.of(headers.get(PARENT)).orElse(null);
    long begin = System.nanoTime();
    var told = new AtomicBoolean();
    ServerCall.Listener<Q> listener =
        next.startCall(
            new SimpleForwardingServerCall<>(call) {
              @Override
              public void sendHeaders(Metadata sent) {
                if (trace != null) {
                  sent.put(RESPONSE, trace.response());
                }
                super.sendHeaders(sent);
              }

              @Override
              public void close(Status status, Metadata trailers) {
                if (trace != null && !status.isOk()) {
                  trailers.put(RESPONSE, trace.response());
                }
                super.close(status, trailers);
                if (told.compareAndSet(false, true)) {
                  tell(call, status, System.nanoTime() - begin, trace);
                }
              }
            },
            headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        super.onCancel();
        // A call whose caller has gone, or whose message was too large, is never closed.
        if (told.compareAndSet(false, true)) {
          CallMemory memory = CallMemory.current();
          Status refusal = memory == null ? null : memory.refusal();
          Status status = refusal == null ? Status.CANCELLED : refusal;
          tell(call, status, System.nanoTime() - begin, trace);
        }
      }
    };
  }

  private void tell(
      ServerCall<?, ?> call, Status status, long nanos, @Nullable TraceContext trace) {
    if (log.wants(!status.isOk())) {
      SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      log.log(
          new AccessLog.Entry(
              "grpc",
              call.getMethodDescriptor().getFullMethodName(),
              status.getCode().name(),
              !status.isOk(),
              nanos,
              peer instanceof InetSocketAddress address && address.getAddress() != null
                  ? address.getAddress().getHostAddress()
                  : null,
              trace));
    }
  }
}
