package dev.mlo.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Clients that ask one question after the other, each on a connection of its own, until they are
/// told to stop; every answer is checked.
final class Load implements AutoCloseable {
  /// What goes on while they ask.
  enum Phase {
    WARM_UP,
    BEFORE,
    SWAPPING,
    AFTER
  }

  /// @param failed requests without a good answer
  /// @param wrong answers that are not those of the version they name
  /// @param trouble the first of either, in words
  record Counts(
      long requests,
      long failed,
      long wrong,
      Map<Phase, Latencies> latencies,
      Optional<String> trouble) {
    Latencies in(Phase phase) {
      return latencies.getOrDefault(phase, new Latencies());
    }
  }

  private record Goal(long requests, CountDownLatch reached) {}

  private static final Duration SILENCE = Duration.ofSeconds(10);

  /// A client that fails this often in a row finds no server any more.
  private static final int HOPELESS = 100;

  private final URI server;
  private final List<byte[]> posts;
  private final List<Question> questions;
  private final List<Client> clients = new ArrayList<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();
  private volatile Goal goal = new Goal(Long.MAX_VALUE, new CountDownLatch(1));
  private volatile Phase phase = Phase.WARM_UP;
  private volatile boolean stopped;

  /// @param server the inference port
  /// @param path of the model's `infer`
  Load(URI server, String path, List<Question> questions, int clients) {
    this.server = server;
    this.questions = List.copyOf(questions);
    this.posts = questions.stream().map(q -> KeepAlive.post(server, path, q.request())).toList();
    for (int i = 0; i < clients; i++) {
      this.clients.add(new Client(i));
    }
  }

  void start() {
    clients.forEach(client -> client.thread.start());
  }

  void enter(Phase next) {
    phase = next;
  }

  long requests() {
    return requests.get();
  }

  /// Waits until so many more requests were answered, or failed.
  ///
  /// @return false when the time was over before
  boolean awaitMore(long more, Duration limit) throws InterruptedException {
    Goal wanted = new Goal(requests.get() + more, new CountDownLatch(1));
    goal = wanted;
    return wanted.reached.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Lets every request that was begun end, then counts.
  Counts stop() throws InterruptedException {
    stopped = true;
    for (Client client : clients) {
      client.thread.join();
    }
    var latencies = new EnumMap<Phase, Latencies>(Phase.class);
    for (Phase each : Phase.values()) {
      Latencies all = new Latencies();
      clients.forEach(client -> all.add(client.latencies(each)));
      latencies.put(each, all);
    }
    return new Counts(
        requests.get(), failed.get(), wrong.get(), latencies, Optional.ofNullable(trouble.get()));
  }

  @Override
  public void close() {
    stopped = true;
    clients.forEach(client -> client.thread.interrupt());
  }

  /// One connection and its thread.
  private final class Client implements Runnable {
    private final Thread thread;
    private final Map<Phase, Latencies> latencies = new EnumMap<>(Phase.class);
    private int next;
    private int failuresInARow;
    private @Nullable KeepAlive connection;

    Client(int number) {
      next = number;
      thread = Thread.ofPlatform().daemon().name("mlo-demo-client-" + number).unstarted(this);
    }

    Latencies latencies(Phase wanted) {
      return latencies.computeIfAbsent(wanted, _ -> new Latencies());
    }

    @Override
    public void run() {
      while (!stopped && failuresInARow < HOPELESS) {
        ask();
        long done = requests.incrementAndGet();
        Goal wanted = goal;
        if (done >= wanted.requests) {
          wanted.reached.countDown();
        }
      }
      disconnect();
    }

    private void ask() {
      int number = next++ % questions.size();
      Phase begun = phase;
      long start = System.nanoTime();
      try {
        KeepAlive open = connect();
        KeepAlive.Reply reply = open.send(posts.get(number));
        long time = System.nanoTime() - start;
        latencies(phase == Phase.SWAPPING ? Phase.SWAPPING : begun).add(time);
        if (reply.status() != 200) {
          failed("HTTP status " + reply.status());
        } else {
          failuresInARow = 0;
          questions.get(number).wrong(reply.body()).ifPresent(this::wrong);
        }
        if (reply.last()) {
          disconnect();
        }
      } catch (IOException | NumberFormatException e) {
        failed(String.valueOf(e));
        disconnect();
      }
    }

    private KeepAlive connect() throws IOException {
      KeepAlive open = connection;
      if (open == null) {
        open = new KeepAlive(server, SILENCE);
        connection = open;
      }
      return open;
    }

    private void failed(String why) {
      failuresInARow++;
      failed.incrementAndGet();
      trouble.compareAndSet(null, "a request failed: " + why);
    }

    private void wrong(String why) {
      wrong.incrementAndGet();
      trouble.compareAndSet(null, "an answer is wrong: " + why);
    }

    private void disconnect() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (IOException e) {
        trouble.compareAndSet(null, "a connection cannot be closed: " + e);
      }
      connection = null;
    }
  }
}
