package dev.mlo.runner.http;

import dev.mlo.json.Json;
import dev.mlo.runner.slot.Swaps;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;

/// Layers on their way in. They are read on threads of their own, which may wait for a slow sender;
/// the connection's idle time-out ends a silent one.
final class Uploads implements AutoCloseable {
  private static final int AT_ONCE = 4;
  private static final int WAITING = 16;

  private final Swaps swaps;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          AT_ONCE,
          AT_ONCE,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(WAITING),
          Thread.ofPlatform().daemon().name("mlo-upload-", 0).factory());

  Uploads(Swaps swaps) {
    this.swaps = swaps;
  }

  void receive(Exchange exchange) {
    threads.execute(() -> {
      try (var body = Content.Source.asInputStream(exchange.request())) {
        String digest = exchange.path("digest");
        swaps.receive(digest, exchange.request().getLength(), body);
        exchange.json(201, Json.object().put("digest", digest));
      } catch (IOException e) {
        exchange.fail(new HttpRefusal(400, "cut_off", "the body ended early: " + e));
      } catch (Exception | LinkageError e) {
        exchange.fail(e);
      }
    });
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
