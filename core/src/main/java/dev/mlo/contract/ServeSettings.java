package dev.mlo.contract;

import org.jspecify.annotations.Nullable;

/// How a model wants to be served.
///
/// @param workers threads that infer; 0: as many as the machine has processors
/// @param queue requests that may wait for a worker before more are refused
/// @param timeoutMillis the longest a request may take, in milliseconds
/// @param maxRequestBytes the largest request body, in bytes
/// @param batching `null`: each request is an inference of its own
public record ServeSettings(
    int workers, int queue, long timeoutMillis, long maxRequestBytes, @Nullable Batching batching) {
  public static final ServeSettings DEFAULT = new ServeSettings(0, 256, 10_000, 64L << 20);

  /// Without batching.
  public ServeSettings(int workers, int queue, long timeoutMillis, long maxRequestBytes) {
    this(workers, queue, timeoutMillis, maxRequestBytes, null);
  }

  public ServeSettings {
    if (workers < 0 || workers > 1024) {
      throw new IllegalArgumentException("workers " + workers + " is not within 0 and 1024");
    }
    if (queue < 1 || queue > 1_000_000) {
      throw new IllegalArgumentException("queue " + queue + " is not within 1 and 1,000,000");
    }
    if (timeoutMillis < 1 || timeoutMillis > 86_400_000) {
      throw new IllegalArgumentException("timeout is not within 1ms and 24h");
    }
    if (maxRequestBytes < 1024 || maxRequestBytes > 2L << 30) {
      throw new IllegalArgumentException("max-request is not within 1KiB and 2GiB");
    }
  }
}
