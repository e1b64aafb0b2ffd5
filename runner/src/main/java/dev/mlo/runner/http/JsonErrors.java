package dev.mlo.runner.http;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// What Jetty refuses by itself — requests it cannot parse, headers too large — in the words of the
/// protocol.
final class JsonErrors implements Request.Handler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    @Nullable Object said = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    String message = said == null ? HttpStatus.getMessage(status) : said.toString();
    new Exchange(request, response, callback, java.util.Map.of(), () -> null)
        .fail(new HttpRefusal(status, "http", message));
    return true;
  }
}
