package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.EnumSet;
import java.util.Set;

/// The one place where a refusal becomes a gRPC status.
final class Statuses {
  /// Come back in a second: what gRPC clients with a retry policy follow.
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final Set<Refusal.Reason> LATER =
      EnumSet.of(Refusal.Reason.BUSY, Refusal.Reason.CROWDED, Refusal.Reason.NOT_READY);

  private Statuses() {}

  static StatusRuntimeException of(Refusal refusal) {
    Status status =
        switch (refusal.reason()) {
          case MALFORMED -> Status.INVALID_ARGUMENT;
          case UNKNOWN -> Status.NOT_FOUND;
          case NOT_READY -> Status.UNAVAILABLE;
          case BUSY, CROWDED, TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
          case TIMEOUT -> Status.DEADLINE_EXCEEDED;
          case GONE -> Status.CANCELLED;
          case MODEL, INTERNAL -> Status.INTERNAL;
        };
    var trailers = new Metadata();
    if (LATER.contains(refusal.reason())) {
      trailers.put(PUSHBACK, "1000");
    }
    return status.withDescription(Refusal.words(refusal)).asRuntimeException(trailers);
  }
}
