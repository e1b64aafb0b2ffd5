package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LanesTest {
  private static List<Descriptor> blobs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Descriptor.of(MediaTypes.LAYER_TAR, ("blob " + i).getBytes(UTF_8)))
        .toList();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted");
    }
  }

  @Test
  void fourAreUnderWayAtATimeAndNoMore() throws IOException {
    CyclicBarrier four = new CyclicBarrier(4);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Set<Descriptor> seen = Collections.synchronizedSet(new HashSet<>());
    Lanes.each(
        blobs(12),
        4,
        blob -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          try {
            four.await(20, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new IOException(e);
          }
          now.decrementAndGet();
          seen.add(blob);
        });
    assertThat(seen).hasSize(12);
    assertThat(most).hasValue(4);
  }

  @Test
  void oneLaneIsTheCallersOwnThread() throws IOException {
    Set<Thread> threads = new HashSet<>();
    Lanes.each(blobs(3), 1, _ -> threads.add(Thread.currentThread()));
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void oneFailureEndsTheOthersAndNothingNewBegins() {
    CountDownLatch busy = new CountDownLatch(3);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    StoreException full = new StoreException("the disk is full");
    List<Descriptor> blobs = blobs(50);
    assertThatThrownBy(() ->
            Lanes.each(
                blobs,
                4,
                blob -> {
                  begun.incrementAndGet();
                  if (blob.equals(blobs.getFirst())) {
                    await(busy);
                    throw full;
                  }
                  busy.countDown();
                  try {
                    await(never);
                  } catch (InterruptedIOException e) {
                    interrupted.incrementAndGet();
                    throw e;
                  }
                }))
        .isSameAs(full);
    assertThat(begun).hasValueLessThanOrEqualTo(5);
    assertThat(interrupted).hasValue(begun.get() - 1);
  }

  @Test
  void anInterruptEndsAllOfThem() throws InterruptedException {
    CountDownLatch busy = new CountDownLatch(4);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    Thread caller = Thread.currentThread();
    Thread interrupter =
        Thread.ofVirtual()
            .start(() -> {
              try {
                busy.await();
              } catch (InterruptedException e) {
                return;
              }
              caller.interrupt();
            });
    assertThatThrownBy(() ->
            Lanes.each(
                blobs(9),
                4,
                _ -> {
                  busy.countDown();
                  try {
                    await(never);
                  } finally {
                    ended.incrementAndGet();
                  }
                }))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(ended).hasValue(4);
    assertThat(Thread.interrupted()).isTrue();
    interrupter.join();
  }
}
