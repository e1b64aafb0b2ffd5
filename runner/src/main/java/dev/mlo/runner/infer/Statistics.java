package dev.mlo.runner.infer;

import java.util.concurrent.atomic.LongAdder;

/// What the statistics extension of the protocol tells of one version, since it was loaded first.
public final class Statistics {
  /// How often, and how many nanoseconds all together.
  public record Sum(long count, long nanos) {}

  private static final class Adder {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    private void add(long more) {
      count.increment();
      nanos.add(more);
    }

    private Sum sum() {
      return new Sum(count.sum(), nanos.sum());
    }
  }

  private final Adder success = new Adder();
  private final Adder fail = new Adder();
  private final Adder queue = new Adder();
  private final Adder decode = new Adder();
  private final Adder infer = new Adder();
  private final Adder encode = new Adder();
  private final LongAdder executions = new LongAdder();
  private volatile long last;

  void executed() {
    executions.increment();
  }

  void failed(long nanos) {
    fail.add(nanos);
  }

  void answered(long nanos, Stages stages) {
    success.add(nanos);
    queue.add(stages.queue);
    decode.add(stages.decode);
    infer.add(stages.infer);
    encode.add(stages.encode);
    last = System.currentTimeMillis();
  }

  /// Where the time of one request went, in nanoseconds.
  static final class Stages {
    long queue;
    long decode;
    long infer;
    long encode;

    void add(Stage stage, long nanos) {
      switch (stage) {
        case QUEUE, BATCH -> queue += nanos;
        case DECODE -> decode += nanos;
        case INFER -> infer += nanos;
        case ENCODE -> encode += nanos;
      }
    }
  }

  public Sum success() {
    return success.sum();
  }

  public Sum fail() {
    return fail.sum();
  }

  public Sum queue() {
    return queue.sum();
  }

  public Sum decode() {
    return decode.sum();
  }

  public Sum infer() {
    return infer.sum();
  }

  public Sum encode() {
    return encode.sum();
  }

  /// Calls of the engine; fewer than requests where those shared them.
  public long executions() {
    return executions.sum();
  }

  /// When the last request was answered, in milliseconds since 1970; 0: none was.
  public long last() {
    return last;
  }
}
