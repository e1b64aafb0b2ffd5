package dev.mlo.runner.http;

import dev.mlo.runner.infer.AccessLog;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// A listening port with threads of its own, so that what one port suffers the other does not feel.
public final class HttpPort implements AutoCloseable {
  private static final int THREADS = 8;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration BEAT = Duration.ofSeconds(10);
  private static final int BACKLOG = 1024;

  /// Of headers that a connection sends again and again, in bytes. Jetty's 1024 cost 110 KB of heap
  /// for each connection.
  private static final int HEADER_CACHE = 128;

  /// Connections at once; others wait until one of them ends.
  private static final int CONNECTIONS = 4096;

  private static final int STREAMS = 100;

  /// Pings, resets and changes of settings; requests and data are not among them.
  private static final int EVENTS_PER_SECOND = 50;

  /// How long an idle connection may hold up a stop.
  private static final Duration SHUTDOWN_IDLE = Duration.ofMillis(250);

  private final Server server;
  private final PortConnector connector;

  HttpPort(String name, String host, int port, Handler handler, AccessLog log) {
    this(name, host, port, handler, log, BEAT);
  }

  /// @param beat see [DripWatch]
  HttpPort(String name, String host, int port, Handler handler, AccessLog log, Duration beat) {
    var threads = new QueuedThreadPool(THREADS, 2);
    threads.setName("mlo-" + name);
    threads.setDaemon(true);
    threads.setReservedThreads(0);
    server = new Server(threads);
    var configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setUriCompliance(UriCompliance.RFC3986);
    configuration.setHeaderCacheSize(HEADER_CACHE);
    connector = new PortConnector(server, configuration, http2(configuration));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setAcceptQueueSize(BACKLOG);
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE.toMillis());
    connector.addBean(new DripWatch(connector.getScheduler(), beat));
    connector.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
    server.addConnector(connector);
    server.setHandler(handler);
    server.setErrorHandler(new JsonErrors());
    server.setRequestLog(new HttpAccess(log));
  }

  /// HTTP/2 without TLS, for callers who know beforehand that it is spoken here. One connection
  /// carries so many requests at once, and who floods it with others loses it.
  private static HTTP2CServerConnectionFactory http2(HttpConfiguration configuration) {
    var http2 = new HTTP2CServerConnectionFactory(configuration);
    http2.setMaxConcurrentStreams(STREAMS);
    http2.setRateControlFactory(new WindowRateControl.Factory(EVENTS_PER_SECOND));
    return http2;
  }

  /// @throws IOException when the address is taken or is not this machine's, with that as its cause
  public void start() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the server does not start: " + e, e);
    }
  }

  /// The port that was asked for, or the one that was free.
  public int port() {
    return connector.getLocalPort();
  }

  /// Takes no new connections and waits until those there are have ended: each is answered what it
  /// asks next and closed then, or closed when it asks nothing.
  ///
  /// @param atMost how long to wait
  public void drain(Duration atMost) {
    server.setStopTimeout(atMost.toMillis());
    close();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      // Requests that outlive the grace period are cut off; that is what a bounded drain means.
      System.getLogger(HttpPort.class.getName())
          .log(System.Logger.Level.DEBUG, "requests were cut off", e);
    }
  }
}
