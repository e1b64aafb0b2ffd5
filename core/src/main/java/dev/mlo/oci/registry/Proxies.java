package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The proxies that the environment names, as other tools read it: `HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY` and `NO_PROXY`, in upper or lower case. This machine is always reached directly.
final class Proxies extends ProxySelector {
  private final @Nullable URI https;
  private final @Nullable URI http;
  private final List<String> direct;

  private Proxies(@Nullable URI https, @Nullable URI http, List<String> direct) {
    this.https = https;
    this.http = http;
    this.direct = direct;
  }

  /// @throws UnavailableException when a variable holds no URL of a proxy
  static Proxies of(Map<String, String> environment) throws UnavailableException {
    return new Proxies(
        url(environment, "HTTPS_PROXY"),
        url(environment, "HTTP_PROXY"),
        List.of(
            variable(environment, "NO_PROXY")
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .split("[,\\s]+")));
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    @Nullable String lower = environment.get(name.toLowerCase(Locale.ROOT));
    @Nullable String value = lower == null ? environment.get(name) : lower;
    return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
  }

  /// @param name of the variable that counts before `ALL_PROXY`
  private static @Nullable URI url(Map<String, String> environment, String name)
      throws UnavailableException {
    for (String variable : List.of(name, "ALL_PROXY")) {
      Optional<String> text = variable(environment, variable);
      if (text.isPresent()) {
        return url(variable, text.get());
      }
    }
    return null;
  }

  /// The value is not shown: a password may stand in it.
  private static URI url(String variable, String text) throws UnavailableException {
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      if (uri.getHost() != null && "http".equals(uri.getScheme()) && uri.getPort() <= 65_535) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw unusable(variable, e);
    }
    throw unusable(variable, null);
  }

  private static UnavailableException unusable(String variable, @Nullable Exception cause) {
    return new UnavailableException(
        "cannot use the proxy that %s names: it is not of the form http://HOST:PORT"
            .formatted(variable),
        cause,
        UnavailableException.Remedy.ADDRESS);
  }

  @Override
  public List<Proxy> select(URI uri) {
    @Nullable URI proxy = proxy(uri);
    return List.of(
        proxy == null
            ? Proxy.NO_PROXY
            : new Proxy(
                Proxy.Type.HTTP,
                InetSocketAddress.createUnresolved(String.valueOf(proxy.getHost()), port(proxy))));
  }

  private @Nullable URI proxy(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    return isDirect(host, uri.getPort()) ? null : "https".equals(uri.getScheme()) ? https : http;
  }

  private static int port(URI proxy) {
    return proxy.getPort() < 0 ? 80 : proxy.getPort();
  }

  private boolean isDirect(String host, int port) {
    if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
      return true;
    }
    return direct.stream().anyMatch(entry -> covers(entry, host, port));
  }

  private static boolean covers(String entry, String host, int port) {
    if (entry.isEmpty()) {
      return false;
    }
    int colon = entry.lastIndexOf(':');
    boolean hasPort = colon > 0 && entry.indexOf(':') == colon;
    if (hasPort && !entry.substring(colon + 1).equals(String.valueOf(port))) {
      return false;
    }
    String name = hasPort ? entry.substring(0, colon) : entry;
    if (name.equals("*")) {
      return true;
    }
    if (name.indexOf('/') > 0) {
      return Network.parse(name).map(network -> network.contains(host)).orElse(false);
    }
    String suffix = name.startsWith("*.") ? name.substring(1) : name;
    return suffix.startsWith(".")
        ? host.endsWith(suffix) || host.equals(suffix.substring(1))
        : host.equals(suffix) || host.endsWith("." + suffix);
  }

  /// Tells the proxy on the way who we are, if its URL says so. Java keeps it from everybody else.
  /// With an authenticator Java would not let us see what a registry wants.
  static void tell(HttpClient client, HttpRequest.Builder request, URI target) {
    account(client, target).ifPresent(account -> request.header("Proxy-Authorization", account));
  }

  /// What the proxy on the way is told.
  static Optional<String> account(HttpClient client, URI target) {
    return client
        .proxy()
        .filter(Proxies.class::isInstance)
        .map(known -> ((Proxies) known).proxy(target))
        .map(URI::getUserInfo)
        .filter(user -> user.indexOf(':') >= 0)
        .map(user -> "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {}

  /// A block of IPv4 addresses, `10.0.0.0/8`.
  private record Network(int address, int bits) {
    static Optional<Network> parse(String text) {
      int slash = text.indexOf('/');
      Optional<Integer> base = ipv4(text.substring(0, slash));
      try {
        int bits = Integer.parseInt(text.substring(slash + 1));
        return bits < 0 || bits > 32
            ? Optional.empty()
            : base.map(address -> new Network(address, bits));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    boolean contains(String host) {
      int mask = bits == 0 ? 0 : -1 << (32 - bits);
      return ipv4(host).map(other -> (other & mask) == (address & mask)).orElse(false);
    }

    private static Optional<Integer> ipv4(String text) {
      String[] parts = text.split("\\.", -1);
      int value = 0;
      for (String part : parts) {
        if (!part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
          return Optional.empty();
        }
        value = value << 8 | Integer.parseInt(part);
      }
      return parts.length == 4 ? Optional.of(value) : Optional.empty();
    }
  }
}
