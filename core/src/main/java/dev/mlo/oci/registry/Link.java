package dev.mlo.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The next page of a list (RFC 8288). It must be at the registry itself.
final class Link {
  private static final Pattern NEXT =
      Pattern.compile(
          "<([^<>]{1,4096})>[^,<]{0,200};\\s*rel\\s*=\\s*\"?next\"?", Pattern.CASE_INSENSITIVE);

  private Link() {}

  static Optional<URI> next(Reply reply) throws IOException {
    for (String header : reply.headers().allValues("Link")) {
      Matcher next = NEXT.matcher(header);
      if (next.find()) {
        URI uri = Locations.resolve(reply.uri(), next.group(1));
        return Address.origin(uri).equals(Address.origin(reply.uri()))
            ? Optional.of(uri)
            : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
