package dev.mlo.oci.registry;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One request, as it is meant; who sends it adds the authorization.
///
/// @param scopes the rights it needs
record Request(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable Content content,
    Set<Scope> scopes) {
  Request {
    headers = Map.copyOf(headers);
    scopes = Set.copyOf(scopes);
  }

  static Request of(String method, URI uri, Scope... scopes) {
    return new Request(method, uri, Map.of(), null, Set.of(scopes));
  }

  Request with(String header, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Request(method, uri, more, content, scopes);
  }

  Request with(Content body) {
    return new Request(method, uri, headers, body, scopes);
  }

  Request at(URI elsewhere) {
    return new Request(method, elsewhere, headers, content, scopes);
  }
}
