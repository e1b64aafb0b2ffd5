package dev.mlo.oci.registry;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The connections that a piece of work opens, which end with it. Before Java ends, it waits 300 ms
/// for a thread that still listens to the network, and each command would be as much slower.
public final class Connections implements AutoCloseable {
  /// Of the work under way, where somebody ends it: whoever opens a registry is far from whoever
  /// knows that nobody needs it any more.
  public static final ScopedValue<Connections> OF_WORK = ScopedValue.newInstance();

  /// Far more than it takes a thread that has nothing to do.
  private static final Duration ENDING = Duration.ofMillis(300);

  private final List<HttpClient> clients = new ArrayList<>();

  synchronized HttpClient add(HttpClient client) {
    clients.add(client);
    return client;
  }

  /// Breaks off what is still under way.
  @Override
  public synchronized void close() {
    clients.forEach(HttpClient::shutdownNow);
    try {
      for (HttpClient client : clients) {
        client.awaitTermination(ENDING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    clients.clear();
  }
}
