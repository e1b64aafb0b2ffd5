package dev.mlo.runner.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Answers a message that cannot be parsed with INVALID_ARGUMENT, and one that grows too large when
/// it is with RESOURCE_EXHAUSTED. By itself gRPC takes both for a fault of the server: it says
/// UNKNOWN and logs a stack trace, for every message a stranger sends.
final class Forgiving {
  private Forgiving() {}

  static ServerServiceDefinition service(ServerServiceDefinition service) {
    var forgiving = ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
    service.getMethods().forEach(method -> forgiving.addMethod(method(method)));
    return forgiving.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> method(ServerMethodDefinition<Q, A> method) {
    var descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Parsing<>(descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new Refusing<>(call, method.getServerCallHandler().startCall(call, headers)));
  }

  /// Makes nothing of what it cannot parse.
  private record Parsing<T>(Marshaller<T> marshaller) implements Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return marshaller.stream(value);
    }

    @Override
    public @Nullable T parse(InputStream stream) {
      try {
        return marshaller.parse(stream);
      } catch (StatusRuntimeException e) {
        CallMemory call = CallMemory.current();
        if (call != null && e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
          call.refuse(e.getStatus());
        }
        return null;
      }
    }
  }

  /// Ends a call whose message is nothing, and not before the caller has said all: a stream that is
  /// ended earlier is reset, and many resets are taken for a flood.
  private static final class Refusing<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;
    private boolean refused;

    private Refusing(ServerCall<Q, A> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(@Nullable Q message) {
      if (message == null) {
        refused = true;
      } else {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (refused) {
        call.close(why(), new Metadata());
      } else {
        super.onHalfClose();
      }
    }

    private static Status why() {
      CallMemory call = CallMemory.current();
      Status refusal = call == null ? null : call.refusal();
      return refusal == null
          ? Status.INVALID_ARGUMENT.withDescription("the message is none of this method's")
          : refusal;
    }
  }
}
