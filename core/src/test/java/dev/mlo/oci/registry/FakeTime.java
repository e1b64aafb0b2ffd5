package dev.mlo.oci.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Time that passes only while somebody waits for it. It starts at the epoch.
final class FakeTime implements Waiting {
  /// What was waited for, in order.
  final List<Duration> pauses = new CopyOnWriteArrayList<>();

  @Override
  public Instant now() {
    return Instant.EPOCH.plus(pauses.stream().reduce(Duration.ZERO, Duration::plus));
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    pauses.add(time);
  }

  @Override
  public double jitter() {
    return 1;
  }
}
