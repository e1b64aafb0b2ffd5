package dev.mlo.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A wire between the command and a server that kills, stalls, slows, corrupts and truncates, as
/// its random numbers say; or only counts.
final class FlakyProxy implements AutoCloseable {
  private static final int BUFFER = 16 << 10;

  /// What befalls a connection, after how many bytes.
  private enum Fault {
    NONE,
    KILL,
    STALL,
    SLOW,
    CORRUPT,
    TRUNCATE
  }

  private final ServerSocket server;
  private final String host;
  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Random random;
  private final CountDownLatch enough = new CountDownLatch(1);
  private volatile long awaited = Long.MAX_VALUE;
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile long holdAt = Long.MAX_VALUE;
  private volatile boolean flaky;

  /// Bytes that went to the server.
  final AtomicLong sent = new AtomicLong();

  /// Bytes that came from it.
  final AtomicLong received = new AtomicLong();

  /// How often something befell a connection.
  final AtomicInteger faults = new AtomicInteger();

  /// @param server `HOST:PORT`
  FlakyProxy(String server, long seed) throws IOException {
    this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    this.host = server.substring(0, server.lastIndexOf(':'));
    this.port = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    this.random = new Random(seed);
    threads.execute(this::accept);
  }

  /// Where the command connects.
  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  void flaky(boolean now) {
    flaky = now;
  }

  /// Waits until so many bytes went to the server in all. May be called once.
  boolean awaitSent(long bytes, Duration patience) throws InterruptedException {
    awaited = bytes;
    return enough.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Lets no more than about so many bytes come from the server in all, until [#release].
  void holdAt(long bytes) {
    holdAt = bytes;
  }

  /// Waits until nothing more comes from the server.
  boolean awaitHeld(Duration patience) throws InterruptedException {
    return held.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  void release() {
    holdAt = Long.MAX_VALUE;
    released.countDown();
  }

  private void accept() {
    while (closed.getCount() > 0) {
      connect();
    }
  }

  private void connect() {
    try {
      Socket client = server.accept();
      Socket upstream = new Socket(host, port);
      pump(client, upstream, sent);
      pump(upstream, client, received);
    } catch (IOException e) {
      // The client went away, or the proxy was closed.
      return;
    }
  }

  private void pump(Socket from, Socket to, AtomicLong count) {
    Fault fault = Fault.NONE;
    long at = Long.MAX_VALUE;
    synchronized (random) {
      if (flaky && random.nextInt(10) < 2) {
        fault = Fault.values()[random.nextInt(Fault.values().length)];
        // Most requests are short; some bodies have megabytes.
        at = random.nextInt(1 << random.nextInt(8, 22));
      }
    }
    Fault chosen = fault;
    long place = at;
    threads.execute(() -> {
      try (from;
          to) {
        pass(from.getInputStream(), to.getOutputStream(), count, chosen, place);
      } catch (IOException e) {
        // One of the two is gone; so is the other now.
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void pass(InputStream in, OutputStream out, AtomicLong count, Fault fault, long at)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[BUFFER];
    long passed = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      int good = n;
      boolean due = fault != Fault.NONE && passed <= at && at < passed + n;
      if (due) {
        faults.incrementAndGet();
        switch (fault) {
          case NONE, SLOW -> {}
          case CORRUPT -> buffer[(int) (at - passed)] ^= 0x20;
          case KILL, TRUNCATE, STALL -> good = (int) (at - passed);
        }
      }
      if (fault == Fault.SLOW && passed < 1 << 20) {
        closed.await(2, TimeUnit.MILLISECONDS);
      }
      if (received.get() >= holdAt) {
        held.countDown();
        released.await(30, TimeUnit.SECONDS);
      }
      out.write(buffer, 0, good);
      out.flush();
      count.addAndGet(good);
      if (sent.get() >= awaited) {
        enough.countDown();
      }
      passed += n;
      if (due && fault == Fault.STALL) {
        closed.await(30, TimeUnit.SECONDS);
      }
      if (due && good < n) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    released.countDown();
    server.close();
    threads.shutdownNow();
  }
}
