package dev.mlo.oci.registry;

import java.io.InterruptedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Consumer;

/// When to ask one host again. Shared by all who talk to it: a registry that asks for rest gets it
/// from everybody.
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Duration UNTOLD = Duration.ofSeconds(2);

  private final Waiting waiting;
  private Instant quietUntil = Instant.MIN;
  private Instant toldUntil = Instant.MIN;

  Backoff(Waiting waiting) {
    this.waiting = waiting;
  }

  /// Doubles with every attempt, and differs between those who failed together. A time that has
  /// passed already, as by a clock that is late, asks for no rest: then the usual pause is made.
  ///
  /// @param attempt that failed, from 1
  Duration after(int attempt, Optional<String> retryAfter) {
    Optional<Duration> asked = retryAfter.flatMap(this::parse).filter(Duration::isPositive);
    Duration pause =
        asked.orElseGet(() -> {
          long full = FIRST.toMillis() << Math.min(attempt - 1, 10);
          return Duration.ofMillis(full / 2 + (long) (full / 2.0 * waiting.jitter()));
        });
    Duration bounded = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    if (asked.isPresent()) {
      quiet(bounded);
    }
    return bounded;
  }

  private synchronized void quiet(Duration time) {
    Instant until = waiting.now().plus(time);
    quietUntil = until.isAfter(quietUntil) ? until : quietUntil;
  }

  private synchronized Duration left() {
    Instant now = waiting.now();
    return quietUntil.isAfter(now) ? Duration.between(now, quietUntil) : Duration.ZERO;
  }

  /// Until nobody was asked to be quiet any more.
  ///
  /// @param log told once, whoever waits
  void join(Consumer<Duration> log) throws InterruptedIOException {
    Duration left = left();
    if (left.isPositive()) {
      if (left.compareTo(UNTOLD) > 0 && isNews()) {
        log.accept(left);
      }
      sleep(left);
    }
  }

  private synchronized boolean isNews() {
    boolean news = quietUntil.isAfter(toldUntil);
    toldUntil = quietUntil;
    return news;
  }

  void sleep(Duration pause) throws InterruptedIOException {
    try {
      waiting.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /// Seconds, or a date (RFC 9110, section 10.2.3).
  private Optional<Duration> parse(String value) {
    String text = value.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(Duration.between(waiting.now(), at));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
