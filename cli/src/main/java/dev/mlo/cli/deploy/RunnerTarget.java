package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// A runner to talk to: its admin URL, without a slash at the end, and its token.
public record RunnerTarget(URI admin, @Nullable Token token) {
  /// @throws Failure USAGE when the text is no URL of an admin port
  public static URI url(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw noUrl(text, String.valueOf(e.getReason()));
    }
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    if (!http && !"https".equalsIgnoreCase(uri.getScheme())) {
      throw noUrl(text, "it starts with neither http:// nor https://");
    }
    if (uri.getHost() == null) {
      throw noUrl(text, "it names no host");
    }
    if (uri.getRawUserInfo() != null) {
      throw noUrl(
          uri.getScheme() + "://…@" + uri.getHost(), "a user or password in it is not used");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getPort() > 65_535) {
      throw noUrl(text, "expected scheme, host, port and nothing more");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
    return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path);
  }

  private static Failure noUrl(String text, String why) {
    return Failure.of(ExitCode.USAGE, "`%s` is no URL of a runner".formatted(text))
        .why(why)
        .hint("name the admin port: --runner http://127.0.0.1:8082");
  }

  /// Whether the token would leave this machine in the clear.
  boolean exposesToken() {
    return token != null && "http".equalsIgnoreCase(admin.getScheme()) && !isLoopback(admin);
  }

  /// Literal addresses and `localhost` only: no name is looked up.
  static boolean isLoopback(URI uri) {
    String host = uri.getHost();
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    boolean literal = host.startsWith("[") || host.matches("[0-9.]+");
    try {
      return literal && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
