package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// The one place where a refusal becomes a gRPC status.
final class Statuses {
  /// Come back in a second: what gRPC clients with a retry policy follow.
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /// A status travels in a header, and clients take 8 KiB of those.
  private static final int LONGEST = 1000;

  private Statuses() {}

  static StatusRuntimeException of(Refusal refusal) {
    Status status =
        switch (refusal.reason()) {
          case MALFORMED -> Status.INVALID_ARGUMENT;
          case UNKNOWN -> Status.NOT_FOUND;
          case NOT_READY -> Status.UNAVAILABLE;
          case BUSY -> Status.RESOURCE_EXHAUSTED;
          case TIMEOUT -> Status.DEADLINE_EXCEEDED;
          case GONE -> Status.CANCELLED;
          case MODEL, INTERNAL -> Status.INTERNAL;
        };
    var trailers = new Metadata();
    if (refusal.reason() == Refusal.Reason.BUSY || refusal.reason() == Refusal.Reason.NOT_READY) {
      trailers.put(PUSHBACK, "1000");
    }
    return status
        .withDescription(shortened(String.valueOf(refusal.getMessage())))
        .asRuntimeException(trailers);
  }

  private static String shortened(String message) {
    return message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
  }
}
