package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.BodyMemory;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/// What one call's message takes of the memory that all requests have together, from its first byte
/// to the call's end. A call for which nothing is left is refused while its message comes.
final class CallMemory extends ServerStreamTracer {
  private static final Context.Key<CallMemory> CALL = Context.key("mlo-call-memory");

  private final BodyMemory memory;
  private long wire;
  private long plain;
  private long taken;
  private boolean closed;
  private volatile @Nullable Status refusal;

  private CallMemory(BodyMemory memory) {
    this.memory = memory;
  }

  static ServerStreamTracer.Factory of(BodyMemory memory) {
    return new Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new CallMemory(memory);
      }
    };
  }

  /// Of the call that this thread works for.
  static @Nullable CallMemory current() {
    return CALL.get();
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(CALL, this);
  }

  /// Why the call was refused before it was one.
  @Nullable Status refusal() {
    return refusal;
  }

  void refuse(Status why) {
    refusal = why;
  }

  @Override
  public synchronized void inboundWireSize(long bytes) {
    wire += bytes;
    take();
  }

  /// A compressed message grows while it is parsed.
  @Override
  public synchronized void inboundUncompressedSize(long bytes) {
    plain += bytes;
    take();
  }

  private void take() {
    long more = Math.max(wire, plain) - taken;
    if (more <= 0 || closed) {
      return;
    }
    if (!memory.take(more)) {
      throw new StatusRuntimeException(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "the requests under way take all memory there is for them; try again"));
    }
    taken += more;
  }

  @Override
  public synchronized void streamClosed(Status status) {
    if (!closed) {
      closed = true;
      memory.giveBack(taken);
    }
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
      refusal = status;
    }
  }
}
