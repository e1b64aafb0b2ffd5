package dev.mlo.cli.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// HTTP to one runner: every exchange has a time limit from its first byte to its last, every
/// answer a size limit; redirects are not followed, because the token is for this address only.
final class Wire implements AutoCloseable {
  private static final int MAX_ANSWER = 4 << 20;
  private static final Duration TICK = Duration.ofMillis(100);

  /// @param answer how long an ordinary answer may take
  /// @param stall how long an upload may stand still
  /// @param pause before the first new attempt after a broken connection; it grows fourfold
  record Limits(Duration connect, Duration answer, Duration stall, Duration pause) {
    static final Limits DEFAULT =
        new Limits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            Duration.ofMillis(100));
  }

  /// An answer that arrived whole.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, byte[] body) {}

  private final HttpClient http;
  private final RunnerTarget target;
  private final Limits limits;

  Wire(RunnerTarget target, Limits limits) {
    this.target = target;
    this.limits = limits;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(limits.connect())
            .build();
  }

  Answer get(String path) throws IOException, InterruptedException {
    return get(path, Duration.ZERO);
  }

  /// @param wait how long the runner was asked to hold the answer back
  Answer get(String path, Duration wait) throws IOException, InterruptedException {
    return send(request(path).GET().build(), limits.answer().plus(wait), () -> 0, _ -> {});
  }

  Answer post(String path, byte[] json) throws IOException, InterruptedException {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(json))
            .build();
    return send(request, limits.answer(), () -> 0, _ -> {});
  }

  /// @param progress told, a few times a second, how many bytes were handed to the network
  Answer put(String path, InputStream body, long size, LongConsumer progress)
      throws IOException, InterruptedException {
    Counted counted = new Counted(body);
    HttpRequest.BodyPublisher publisher =
        size == 0
            ? BodyPublishers.noBody()
            : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> counted), size);
    HttpRequest request =
        request(path).header("Content-Type", "application/octet-stream").PUT(publisher).build();
    try {
      return send(request, limits.stall(), counted.count::get, progress);
    } catch (IOException e) {
      @Nullable IOException cause = counted.failure;
      throw cause == null ? e : cause;
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target.admin() + path))
            .header("Accept", "application/json");
    if (target.token() != null) {
      request.header("Authorization", target.token().header());
    }
    return request;
  }

  private Answer send(
      HttpRequest request, Duration limit, LongSupplier moved, LongConsumer progress)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> future =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
    try {
      return await(future, limit, moved, progress);
    } finally {
      future.cancel(true);
    }
  }

  private static Answer await(
      CompletableFuture<HttpResponse<byte[]>> future,
      Duration limit,
      LongSupplier moved,
      LongConsumer progress)
      throws IOException, InterruptedException {
    long seen = 0;
    long since = System.nanoTime();
    while (true) {
      try {
        HttpResponse<byte[]> response = future.get(TICK.toNanos(), TimeUnit.NANOSECONDS);
        return new Answer(response.statusCode(), response.body());
      } catch (TimeoutException e) {
        long now = moved.getAsLong();
        if (now != seen) {
          seen = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > limit.toNanos()) {
          throw new HttpTimeoutException("no answer within " + limit.toMillis() / 1000.0 + " s");
        }
        progress.accept(now);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      }
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /// Counts what is read from it, and remembers why it could not be: the HTTP client takes a
  /// failing stream for one that ends.
  private static final class Counted extends InputStream {
    private final InputStream in;
    private final AtomicLong count = new AtomicLong();
    private volatile @Nullable IOException failure;

    Counted(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        int n = in.read(buffer, offset, length);
        count.addAndGet(Math.max(n, 0));
        return n;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
