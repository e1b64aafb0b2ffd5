package dev.mlo.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A proxy on the way does not let us through: the registry was never asked, and no repetition
/// mends it.
final class ProxyRefusal extends IOException {
  /// An answer that only proxies give.
  static final int WHO = 407;

  private static final String UNKNOWN =
      "the proxy wants a user and a password (status 407): HTTPS_PROXY=http://USER:PASSWORD@HOST";
  private static final String UNWELCOME =
      "the proxy does not accept the user and password of its address (status 407)";
  private static final Pattern TUNNEL = Pattern.compile("Tunnel failed, got: (4[0-9]{2})");

  private ProxyRefusal(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// Of an answer 407: was the proxy told who we are?
  static ProxyRefusal who(HttpClient client, URI target) {
    return new ProxyRefusal(
        Proxies.account(client, target).isPresent() ? UNWELCOME : UNKNOWN, null);
  }

  /// What a failed request tells of it; the JDK has no types for this.
  static Optional<ProxyRefusal> of(@Nullable Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ProxyRefusal known) {
        return Optional.of(known);
      }
      String message = String.valueOf(t.getMessage());
      Matcher tunnel = TUNNEL.matcher(message);
      if (tunnel.matches()) {
        return Optional.of(
            new ProxyRefusal("the proxy refuses to connect, status " + tunnel.group(1), t));
      }
    }
    return Optional.empty();
  }
}
