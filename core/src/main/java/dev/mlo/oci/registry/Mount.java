package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Optional;

/// Asks a registry to take a blob from another of its repositories. Whatever it answers but yes
/// means that the blob must be sent.
record Mount(Conversation conversation, String to, String from, Descriptor blob) {
  sealed interface Answer {
    record Mounted() implements Answer {}

    /// Not mounted, but the registry waits for the bytes.
    record Opened(URI location) implements Answer {}

    record Refused() implements Answer {}
  }

  Answer ask(String doing) throws IOException {
    URI uri =
        conversation.uri(
            "%s/blobs/uploads/?mount=%s&from=%s"
                .formatted(
                    to, blob.digest().toString().replace(":", "%3A"), from.replace("/", "%2F")));
    Request request =
        Request.of("POST", uri, Scope.push(to), Scope.pull(from)).with(Content.of(new byte[0]));
    try (Reply reply = conversation.once(request)) {
      if (reply.status() == 201) {
        return new Answer.Mounted();
      }
      Optional<String> location = reply.header("Location");
      if (reply.status() != 202 || location.isEmpty()) {
        return new Answer.Refused();
      }
      URI opened = Locations.resolve(reply.uri(), location.get());
      conversation.check(opened);
      return new Answer.Opened(opened);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      return new Answer.Refused();
    }
  }
}
