package dev.mlo.runner.http;

import java.time.Duration;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.thread.Scheduler;

/// Closes connections that send their requests byte by byte. Jetty's idle time-out starts anew with
/// each byte, so that a few hundred such connections could be held open for ever.
///
/// At every beat it looks whether bytes came without a request being complete; where that was so in
/// two beats running, and they were fewer than a head may have, the connection is closed. An upload
/// moves more than that, a silent connection is the idle time-out's.
final class DripWatch implements Connection.Listener {
  /// Twice what Jetty takes for a request's head, in bytes.
  private static final long HEAD = 16_384;

  private static final int STRIKES = 2;

  private final Scheduler scheduler;
  private final Duration beat;

  DripWatch(Scheduler scheduler, Duration beat) {
    this.scheduler = scheduler;
    this.beat = beat;
  }

  @Override
  public void onOpened(Connection connection) {
    if (connection instanceof HttpConnection) {
      schedule(new Look(connection));
    }
  }

  private void schedule(Look look) {
    scheduler.schedule(look, beat);
  }

  /// What a connection had done by the beat before.
  private final class Look implements Runnable {
    private final Connection connection;
    private long bytes;
    private long requests;
    private int strikes;

    private Look(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void run() {
      if (!connection.getEndPoint().isOpen()
          || !connection.equals(connection.getEndPoint().getConnection())) {
        // Closed, or it became HTTP/2, whose frames have limits of their own.
        return;
      }
      long bytesNow = connection.getBytesIn();
      long requestsNow = connection.getMessagesIn();
      boolean dripped = requestsNow == requests && bytesNow > bytes && bytesNow - bytes < HEAD;
      strikes = dripped ? strikes + 1 : 0;
      bytes = bytesNow;
      requests = requestsNow;
      if (strikes >= STRIKES) {
        connection.getEndPoint().close();
      } else {
        schedule(this);
      }
    }
  }
}
