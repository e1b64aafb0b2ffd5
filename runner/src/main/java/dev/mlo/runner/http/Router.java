package dev.mlo.runner.http;

import dev.mlo.contract.Serving;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Finds the route of a request: 404 where no path matches, 405 where only the method does not.
final class Router extends Handler.Abstract.NonBlocking {
  private final List<Route> routes;
  private final Supplier<@Nullable Serving> serving;

  Router(List<Route> routes, Supplier<@Nullable Serving> serving) {
    this.routes = List.copyOf(routes);
    this.serving = serving;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    var allowed = new TreeSet<String>();
    try {
      List<String> path = segments(request.getHttpURI().getCanonicalPath());
      for (Route route : routes) {
        Optional<Map<String, String>> values = route.match(path);
        if (values.isPresent() && route.answers(request.getMethod())) {
          var exchange = new Exchange(request, response, callback, values.get(), serving);
          answer(route.endpoint(), exchange);
          return true;
        }
        values.ifPresent(v -> allowed.add(route.method()));
      }
    } catch (IllegalArgumentException e) {
      refuse(request, response, callback, new HttpRefusal(400, "malformed", "the path is broken"));
      return true;
    }
    refuse(request, response, callback, unrouted(request, allowed));
    return true;
  }

  private static void answer(Endpoint endpoint, Exchange exchange) {
    try {
      endpoint.handle(exchange);
    } catch (Exception | LinkageError e) {
      exchange.fail(e);
    }
  }

  private void refuse(Request request, Response response, Callback callback, HttpRefusal refusal) {
    new Exchange(request, response, callback, Map.of(), serving).fail(refusal);
  }

  private static HttpRefusal unrouted(Request request, Set<String> allowed) {
    String path = request.getHttpURI().getCanonicalPath();
    return allowed.isEmpty()
        ? new HttpRefusal(404, "not_found", "there is nothing at `" + path + "`")
        : new HttpRefusal(
            405,
            "method_not_allowed",
            "`%s` takes %s, not %s"
                .formatted(path, String.join(", ", allowed), request.getMethod()),
            Map.of("Allow", String.join(", ", allowed)));
  }

  private static List<String> segments(@Nullable String path) {
    String text = path == null || path.isEmpty() ? "/" : path;
    var segments = new ArrayList<String>(8);
    int from = 1;
    for (int slash = text.indexOf('/', from); slash >= 0; slash = text.indexOf('/', from)) {
      segments.add(decoded(text.substring(from, slash)));
      from = slash + 1;
    }
    if (segments.isEmpty() || from < text.length()) {
      // A slash at the end is no part of the path's meaning.
      segments.add(decoded(text.substring(from)));
    }
    return segments;
  }

  /// Percent signs only: a plus is a plus in a path.
  private static String decoded(String segment) {
    return segment.indexOf('%') < 0
        ? segment
        : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
