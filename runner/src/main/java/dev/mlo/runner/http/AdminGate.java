package dev.mlo.runner.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Who may use the admin API. Closed unless a token was given to the runner, or loopback was opened
/// in so many words.
public final class AdminGate {
  private static final String SCHEME = "Bearer ";

  /// An address, and no name that begins like one.
  private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}");

  private final byte @Nullable [] token;
  private final boolean openOnLoopback;

  /// @param token what a caller must present
  /// @param openOnLoopback let callers on this machine in without one
  public AdminGate(Optional<String> token, boolean openOnLoopback) {
    this.token = token.map(text -> hash(text)).orElse(null);
    this.openOnLoopback = openOnLoopback;
  }

  /// @return how the caller proved himself: `token` or `loopback`
  /// @throws HttpRefusal 401 for a missing or wrong token, 403 where nobody may
  String admit(Exchange exchange) throws HttpRefusal {
    String presented = exchange.header(HttpHeader.AUTHORIZATION.asString());
    if (token != null && presented != null && isToken(presented, token)) {
      return "token";
    }
    if (openOnLoopback && isLocal(exchange)) {
      return "loopback";
    }
    if (token == null) {
      throw new HttpRefusal(
          403, "closed", "the admin API is closed: this runner was given no token");
    }
    throw new HttpRefusal(
        401,
        "unauthorized",
        presented == null ? "a bearer token is needed" : "the bearer token is not this runner's",
        Map.of("WWW-Authenticate", "Bearer"));
  }

  private static boolean isToken(String header, byte[] token) {
    // Of the hash, so that neither content nor length shows in the time it takes.
    return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(hash(header.substring(SCHEME.length()).strip()), token);
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// A peer on this machine that is no web page of somebody else's.
  private static boolean isLocal(Exchange exchange) {
    return peer(exchange).map(peer -> peer.getAddress().isLoopbackAddress()).orElse(false)
        && exchange.header("Origin") == null
        && isLocalName(exchange.request().getHttpURI().getHost());
  }

  /// A page whose name was made to point at this machine still sends its own name.
  private static boolean isLocalName(@Nullable String host) {
    return host == null
        || host.toLowerCase(Locale.ROOT).equals("localhost")
        || LOOPBACK.matcher(host).matches()
        || host.equals("[::1]");
  }

  static Optional<InetSocketAddress> peer(Exchange exchange) {
    SocketAddress peer = exchange.request().getConnectionMetaData().getRemoteSocketAddress();
    return peer instanceof InetSocketAddress address && address.getAddress() != null
        ? Optional.of(address)
        : Optional.empty();
  }
}
