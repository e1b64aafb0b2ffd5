package dev.mlo.runner.http;

import dev.mlo.contract.ErrorReply;
import dev.mlo.contract.Serving;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.TraceContext;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// A request and its one answer. The first answer counts; a later one, of a time-out or of a worker
/// that was too slow, is dropped.
final class Exchange {
  /// On a request: the trace it belongs to, when its caller named one.
  static final String TRACE = TraceContext.class.getName();

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Map<String, String> path;
  private final Supplier<@Nullable Serving> serving;
  private volatile boolean answered;
  private volatile IntConsumer whenAnswered = status -> {};

  /// @param path the values of the route's variables
  /// @param serving what error bodies say of what serves now
  Exchange(
      Request request,
      Response response,
      Callback callback,
      Map<String, String> path,
      Supplier<@Nullable Serving> serving) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.path = path;
    this.serving = serving;
  }

  Request request() {
    return request;
  }

  /// The value of a variable of the route.
  String path(String variable) {
    String value = path.get(variable);
    if (value == null) {
      throw new IllegalArgumentException("the route has no variable " + variable);
    }
    return value;
  }

  @Nullable String pathOrNull(String variable) {
    return path.get(variable);
  }

  @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  boolean isAnswered() {
    return answered;
  }

  /// Whether the caller has gone and no answer would reach him. Not before the whole request is
  /// here; from the answer on, the connection is Jetty's to read.
  synchronized boolean isDeserted() {
    if (answered) {
      return false;
    }
    ConnectionMetaData caller = request.getConnectionMetaData();
    if (caller.getHttpVersion() == HttpVersion.HTTP_2) {
      // A reset, or the end of the connection, fails what would be read after the request's end.
      return Content.Chunk.isFailure(request.read());
    }
    return socket().hasEnded();
  }

  /// The thread that answers this is held up by it.
  void heldUp() {
    socket().releaseOthers();
  }

  private CallerSocket socket() {
    return (CallerSocket) request.getConnectionMetaData().getConnection().getEndPoint();
  }

  /// @return whether nobody has answered before
  private synchronized boolean claim() {
    boolean first = !answered;
    answered = true;
    return first;
  }

  /// Told the status of the answer.
  void whenAnswered(IntConsumer listener) {
    IntConsumer before = whenAnswered;
    whenAnswered =
        status -> {
          before.accept(status);
          listener.accept(status);
        };
  }

  boolean json(int status, Object body) {
    return send(status, "application/json", Json.compact(body), Map.of());
  }

  boolean fail(Throwable failure) {
    return fail(failure, () -> {});
  }

  /// @param before runs when this is the answer, before it is sent
  boolean fail(Throwable failure, Runnable before) {
    HttpRefusal refusal = ErrorMapper.map(failure);
    var reply = new ErrorReply(String.valueOf(refusal.getMessage()), refusal.code(), serving.get());
    return send(
        refusal.status(),
        "application/json",
        ByteBuffer.wrap(Json.compact(reply)),
        refusal.headers(),
        before);
  }

  /// @return whether this was the answer
  boolean send(int status, String contentType, byte[] body, Map<String, String> headers) {
    return send(status, contentType, ByteBuffer.wrap(body), headers, () -> {});
  }

  /// @param before runs when this is the answer, before it is sent
  /// @return whether this was the answer
  boolean send(
      int status,
      String contentType,
      ByteBuffer body,
      Map<String, String> headers,
      Runnable before) {
    if (!claim()) {
      return false;
    }
    try {
      before.run();
      whenAnswered.accept(status);
      response.setStatus(status);
      var fields = response.getHeaders();
      fields.put(HttpHeader.CONTENT_TYPE, contentType);
      if (status != 304) {
        fields.put(HttpHeader.CONTENT_LENGTH, body.remaining());
      }
      headers.forEach(fields::put);
      TraceContext.of(request.getHeaders().get(TraceContext.REQUEST_HEADER))
          .ifPresent(trace -> {
            request.setAttribute(TRACE, trace);
            fields.put(TraceContext.RESPONSE_HEADER, trace.response());
          });
      boolean unread = status >= 400 && !HttpMethod.GET.is(request.getMethod());
      response.write(true, body, unread ? new Drain(request, callback) : callback);
    } catch (RuntimeException e) {
      callback.failed(e);
    }
    return true;
  }
}
