package dev.mlo.runner.fake;

import dev.mlo.backend.Cancellation;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

final class FakeSession implements Session {
  private final FakeBackend backend;
  private final Properties model;
  private final AtomicInteger users = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();

  FakeSession(FakeBackend backend, Properties model) {
    this.backend = backend;
    this.model = model;
  }

  @Override
  public Signature signature() {
    DataType type = DataType.parse(model.getProperty("datatype", "FP32"));
    return new Signature(
        List.of(new TensorSpec("x", type, Shape.of(-1))),
        List.of(new TensorSpec("y", type, Shape.of(-1))));
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceException {
    users.incrementAndGet();
    backend.thread = Thread.currentThread().getName();
    backend.calls.add((int) inputs.getFirst().shape().elements());
    try {
      if (closed.get()) {
        backend.violations.incrementAndGet();
      }
      return List.of(answer((Tensor.Numbers) inputs.getFirst()));
    } finally {
      users.decrementAndGet();
    }
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs, Cancellation cancellation)
      throws InferenceException {
    Thread worker = Thread.currentThread();
    try (var _ = cancellation.watch(worker::interrupt)) {
      return infer(inputs, outputs);
    } finally {
      // Whoever cancels interrupts the inference and nothing that comes after it.
      boolean ignored = Thread.interrupted();
    }
  }

  private Tensor answer(Tensor.Numbers input) throws InferenceException {
    float add = Float.parseFloat(model.getProperty("add", "0"));
    ByteBuffer in = input.data();
    ByteBuffer out = ByteBuffer.allocate(in.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      float x = in.getFloat();
      if (x == FakeBackend.BLOCK) {
        block(backend.gate);
      }
      if (x == FakeBackend.STUBBORN) {
        backend.blocked.release();
        resist(backend.gate);
      }
      if (model.containsKey("hang")) {
        block(new CountDownLatch(1));
      }
      if (x == FakeBackend.NO_TEXT) {
        return new Tensor.Strings("y", Shape.of(1), List.of(new byte[] {(byte) 0xff}));
      }
      if (x == -1) {
        throw new InferenceException("broken", false, new IllegalStateException());
      }
      out.putFloat(model.containsKey("nan") ? Float.NaN : x + add);
    }
    return new Tensor.Numbers("y", DataType.FP32, input.shape(), out.flip());
  }

  private static void resist(CountDownLatch gate) {
    boolean interrupted = false;
    while (gate.getCount() > 0) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void block(CountDownLatch gate) throws InferenceException {
    backend.blocked.release();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new InferenceException("interrupted", false, e);
    }
  }

  @Override
  public void close() {
    if (users.get() > 0 || closed.getAndSet(true)) {
      backend.violations.incrementAndGet();
    }
    backend.open.decrementAndGet();
  }
}
