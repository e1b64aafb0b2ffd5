package dev.mlo.runner.fake;

import dev.mlo.backend.Backend;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// `y = x + add`, where `add` stands in the model file. Some inputs wait until the test lets them
/// go on.
public final class FakeBackend implements Backend {
  /// The input that blocks.
  public static final float BLOCK = 777;

  /// The input that blocks whatever it is told.
  public static final float STUBBORN = 776;

  /// The input of which the answer is bytes that are no text.
  public static final float NO_TEXT = 778;

  final AtomicInteger violations = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();
  final Queue<Integer> calls = new ConcurrentLinkedQueue<>();
  final Semaphore blocked = new Semaphore(0);
  final CountDownLatch gate = new CountDownLatch(1);
  volatile String thread = "";

  @Override
  public String format() {
    return "fake";
  }

  @Override
  public String platform() {
    return "mlo_fake";
  }

  @Override
  public Session open(Path directory, String entry, int threads) throws ModelException {
    var model = new Properties();
    try (Reader in = Files.newBufferedReader(directory.resolve(entry))) {
      model.load(in);
    } catch (IOException e) {
      throw new ModelException("unreadable", e);
    }
    if (model.containsKey("load")) {
      throw new ModelException("this model does not load");
    }
    if (Files.exists(Path.of(model.getProperty("crash-when", "/nonexistent")))) {
      Runtime.getRuntime().halt(139);
    }
    if (Files.exists(Path.of(model.getProperty("fail-when", "/nonexistent")))) {
      throw new ModelException("this model does not load today");
    }
    open.incrementAndGet();
    return new FakeSession(this, model);
  }

  /// Inferences on closed sessions, and sessions closed under an inference; a native engine would
  /// have taken the process down each time.
  public int violations() {
    return violations.get();
  }

  /// Sessions that are open.
  public int open() {
    return open.get();
  }

  /// The number of elements of each inference so far, in order.
  public List<Integer> calls() {
    return List.copyOf(calls);
  }

  /// The name of the thread that the last inference ran on.
  public String thread() {
    return thread;
  }

  /// Waits until as many inferences block as were asked for.
  public void awaitBlocked(int inferences) throws InterruptedException {
    blocked.acquire(inferences);
  }

  /// Lets every blocked inference go on, now and later.
  public void unblock() {
    gate.countDown();
  }
}
