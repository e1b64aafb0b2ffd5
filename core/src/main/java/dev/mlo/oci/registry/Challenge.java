package dev.mlo.oci.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One way in that a server offers in `WWW-Authenticate`.
///
/// @param scheme in lower case
/// @param parameters names in lower case; empty where the scheme came with a token68
record Challenge(String scheme, Map<String, String> parameters) {
  Challenge {
    parameters = Map.copyOf(parameters);
  }

  boolean isBearer() {
    return scheme.equals("bearer") && parameters.containsKey("realm");
  }

  boolean isBasic() {
    return scheme.equals("basic");
  }

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }
}
