package dev.mlo.runner.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A method, a path whose segments in braces are variables, and who answers.
record Route(String method, List<String> segments, Endpoint endpoint) {
  static Route of(String method, String path, Endpoint endpoint) {
    return new Route(method, List.of(path.substring(1).split("/", -1)), endpoint);
  }

  /// The variables' values, when the path is this route's.
  Optional<Map<String, String>> match(List<String> path) {
    if (path.size() != segments.size()) {
      return Optional.empty();
    }
    var values = new HashMap<String, String>();
    for (int i = 0; i < path.size(); i++) {
      String segment = segments.get(i);
      if (segment.startsWith("{")) {
        values.put(segment.substring(1, segment.length() - 1), path.get(i));
      } else if (!segment.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  /// Whether it answers the method; HEAD is a GET whose body stays here.
  boolean answers(String requested) {
    return method.equals(requested) || (method.equals("GET") && requested.equals("HEAD"));
  }
}
