package dev.mlo.oci.registry;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/// Where a registry answers. The scheme follows from the host by rule, never from trying: asking a
/// port for TLS that does not speak it may hang.
///
/// @param name what people call it: `docker.io`
/// @param base of its interface: `https://registry-1.docker.io`
record Address(String name, URI base) {
  /// @param plain use HTTP, although the host is not this machine
  static Address of(String host, boolean plain) {
    String name = canonical(host);
    return plain || Loopback.is(name) ? with("http", name) : encrypted(host);
  }

  /// With TLS, even on this machine.
  static Address encrypted(String host) {
    return with("https", canonical(host));
  }

  private static Address with(String scheme, String name) {
    String api = name.equals("docker.io") ? "registry-1.docker.io" : name;
    return new Address(name, URI.create(scheme + "://" + api));
  }

  boolean isEncrypted() {
    return "https".equals(base.getScheme());
  }

  /// Docker Hub goes by several names, and has one set of accounts.
  static String canonical(String host) {
    return switch (host) {
      case "docker.io", "index.docker.io", "registry-1.docker.io" -> "docker.io";
      default -> host;
    };
  }

  /// Docker Hub keeps its own images below `library`.
  String repository(String typed) {
    return name.equals("docker.io") && typed.indexOf('/') < 0 ? "library/" + typed : typed;
  }

  /// `scheme://host:port`, with the port that the scheme implies.
  static String origin(URI uri) {
    int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    return uri.getScheme() + "://" + uri.getHost() + ":" + port;
  }

  /// Whether a host is, or resolves to, an address that is not on the public Internet. Somebody
  /// outside must not send us to such a place: what answers there trusts us, not them.
  static boolean isPrivate(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        boolean unique =
            address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc;
        if (address.isLoopbackAddress()
            || address.isSiteLocalAddress()
            || address.isLinkLocalAddress()
            || address.isAnyLocalAddress()
            || unique) {
          return true;
        }
      }
      return false;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
