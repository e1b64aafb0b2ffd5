package dev.mlo.runner.http;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;

/// Takes connections, and takes no more once it stops: a caller it knows by then is answered and
/// told that this was the last answer, another one is refused. One who comes in between may see his
/// connection closed without an answer; nobody is left waiting.
final class PortConnector extends ServerConnector {
  private final HttpConfiguration configuration;

  PortConnector(
      Server server, HttpConfiguration configuration, HTTP2CServerConnectionFactory http2) {
    super(server, 1, 1, new HttpConnectionFactory(configuration), http2);
    this.configuration = configuration;
  }

  @Override
  protected SelectorManager newSelectorManager(
      Executor executor, Scheduler scheduler, int selectors) {
    return new ServerConnectorManager(executor, scheduler, selectors) {
      @Override
      protected ManagedSelector newSelector(int id) {
        return new PortSelector(this, id);
      }
    };
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    var socket = new CallerSocket(channel, (PortSelector) selector, key, getScheduler());
    socket.setIdleTimeout(getIdleTimeout());
    return socket;
  }

  /// Jetty says that an answer is the last one from a moment after the port was closed, and a
  /// caller who comes between the two would not know.
  @Override
  public CompletableFuture<Void> shutdown() {
    configuration.setPersistentConnectionsEnabled(false);
    return super.shutdown();
  }

  /// A connection that was taken last must not hold the stop up longer than others do.
  @Override
  protected void onEndPointOpened(EndPoint endPoint) {
    super.onEndPointOpened(endPoint);
    if (isShutdown()) {
      endPoint.setIdleTimeout(getShutdownIdleTimeout());
    }
  }

  /// The port is closed by now, which wakes whoever waits in it for a connection. To interrupt him
  /// as well loses the one he has just been given: the JDK drops it without closing it, and its
  /// caller waits for ever.
  @Override
  protected void interruptAcceptors() {
    if (!isAccepting()) {
      super.interruptAcceptors();
    }
  }

  /// That nothing can be taken from a closed port is no failure, and nothing to try again.
  @Override
  protected boolean handleAcceptFailure(Throwable why) {
    return isOpen() && super.handleAcceptFailure(why);
  }
}
