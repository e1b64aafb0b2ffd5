package dev.mlo.oci.registry;

import dev.mlo.oci.UnavailableException;
import java.net.URI;
import java.net.URISyntaxException;

/// Addresses that a registry hands out: of an upload, of the place a blob really lies, of the next
/// page of a list.
final class Locations {
  private Locations() {}

  /// Relative to the address that was asked (RFC 3986, section 5).
  static URI resolve(URI asked, String location) throws UnavailableException {
    try {
      URI given = new URI(location);
      // `URI.resolve` still follows RFC 2396, which drops the last part of the path here.
      URI target =
          location.startsWith("?")
              ? new URI(
                  asked.getScheme()
                      + "://"
                      + asked.getRawAuthority()
                      + asked.getRawPath()
                      + location)
              : asked.resolve(given);
      boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
      if (!web || target.getHost() == null) {
        throw new URISyntaxException(location, "no address on the web");
      }
      return target;
    } catch (URISyntaxException e) {
      throw new UnavailableException(
          Address.origin(asked) + " answered with an address that is none", e);
    }
  }

  /// With one more parameter; what the registry put there stays as it is.
  static URI with(URI uri, String parameter) {
    String text = uri.toString();
    String separator = uri.getRawQuery() == null ? "?" : uri.getRawQuery().isEmpty() ? "" : "&";
    return URI.create(text + separator + parameter);
  }

  /// Refuses an address to which nobody outside may send us.
  ///
  /// @param home of the registry
  /// @param anyScheme whether leaving TLS is accepted
  static void check(URI home, URI target, boolean anyScheme) throws UnavailableException {
    if (Address.origin(home).equals(Address.origin(target))) {
      return;
    }
    if ("https".equals(home.getScheme()) && "http".equals(target.getScheme()) && !anyScheme) {
      throw new UnavailableException(
          "%s sends us away from TLS: to http://%s, which is refused"
              .formatted(home.getAuthority(), target.getHost()));
    }
    boolean sameHost = String.valueOf(home.getHost()).equals(target.getHost());
    if (!sameHost && Address.isPrivate(target.getHost()) && !Address.isPrivate(home.getHost())) {
      throw new UnavailableException(
          "%s sends us to a private address: %s, which is refused"
              .formatted(home.getAuthority(), target.getHost()));
    }
  }
}
