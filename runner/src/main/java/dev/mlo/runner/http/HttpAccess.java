package dev.mlo.runner.http;

import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.TraceContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/// Tells the access log of requests over HTTP, those that Jetty refuses by itself too.
final class HttpAccess implements RequestLog {
  private final AccessLog log;

  HttpAccess(AccessLog log) {
    this.log = log;
  }

  @Override
  public void log(Request request, Response response) {
    int status = response.getStatus();
    boolean failed = status >= 400;
    if (log.wants(failed)) {
      log.log(
          new AccessLog.Entry(
              "http",
              request.getMethod() + " " + request.getHttpURI().getPath(),
              Integer.toString(status),
              failed,
              NanoTime.since(request.getBeginNanoTime()),
              peer(request),
              (TraceContext) request.getAttribute(Exchange.TRACE)));
    }
  }

  private static @Nullable String peer(Request request) {
    SocketAddress peer = request.getConnectionMetaData().getRemoteSocketAddress();
    return peer instanceof InetSocketAddress address && address.getAddress() != null
        ? address.getAddress().getHostAddress()
        : null;
  }
}
