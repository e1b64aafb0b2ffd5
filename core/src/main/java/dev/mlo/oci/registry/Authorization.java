package dev.mlo.oci.registry;

import java.io.IOException;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who we are at one registry: nobody.
public final class Authorization {
  /// @param http reaches the registry's token service
  public Authorization(String host, HttpClient http, Map<String, String> environment) {
    Objects.requireNonNull(host);
    Objects.requireNonNull(http);
    Objects.requireNonNull(environment);
  }

  /// What to send with a request that needs these rights.
  public Optional<String> header(Set<Scope> scopes) throws IOException {
    return Optional.empty();
  }

  /// Learns from a refusal.
  ///
  /// @param sent what the refused request carried
  /// @return whether the same request may succeed now
  public boolean refused(List<String> wwwAuthenticate, Set<Scope> scopes, @Nullable String sent)
      throws IOException {
    return false;
  }

  /// For messages.
  public String account() {
    return "anonymous";
  }
}
