package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.Documents;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The manifests and indexes of a repository, read and believed only as far as their digests go.
final class RegistryDocuments {
  static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.MANIFEST,
          MediaTypes.INDEX,
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_MANIFEST_LIST);

  private static final int KEPT = 512;

  private final RegistryStore store;
  private final Conversation conversation;
  private final Seen seen;

  /// Documents that were read already and verified; a copy asks for some of them twice.
  private final Map<Digest, byte[]> documents = new ConcurrentHashMap<>();

  /// What a tag points at.
  ///
  /// @param version what the registry calls this state of the tag (`ETag`), if it does
  record Tagged(Descriptor descriptor, Optional<String> version) {}

  /// What a registry answered.
  private static final class Answer {
    final byte[] bytes;
    final String type;
    final Optional<String> version;

    /// Whether the registry says itself that these are the bytes of something else.
    final boolean doubtful;

    Answer(Reply reply, byte[] bytes) {
      this.bytes = bytes;
      this.type = reply.type();
      this.version = reply.header("ETag");
      this.doubtful =
          reply
              .header("Docker-Content-Digest")
              .filter(Digest::isDigest)
              .filter(said -> !Digest.parse(said).matches(bytes))
              .isPresent();
    }
  }

  RegistryDocuments(RegistryStore store, Conversation conversation, Seen seen) {
    this.store = store;
    this.conversation = conversation;
    this.seen = seen;
  }

  /// A tag does not tell what its bytes should be, and a byte may have changed on the way. The
  /// registry tells in a header, which is wrong at some: what comes twice in the same way is
  /// believed, whatever the header says.
  Optional<Tagged> find(String reference) throws IOException {
    return whole(() -> {
      @Nullable Answer answer = ask(reference);
      if (answer != null && answer.doubtful) {
        @Nullable Answer again = ask(reference);
        if (again != null && again.doubtful && !Arrays.equals(again.bytes, answer.bytes)) {
          throw new DigestMismatchException(
              "%s: its bytes are not those that the registry speaks of, and others each time"
                  .formatted(store.named(reference)));
        }
        answer = again;
      }
      return answer == null ? Optional.empty() : Optional.of(describe(reference, answer));
    });
  }

  /// @return `null` when there is no such thing
  private @Nullable Answer ask(String reference) throws IOException {
    String doing = "read " + store.named(reference);
    Request request =
        Request.of("GET", store.manifests(reference), store.pull())
            .with("Accept", ACCEPT)
            .with("Cache-Control", "no-cache");
    try (Reply reply = conversation.send(request, doing)) {
      if (reply.status() == 404) {
        Words words = reply.words();
        if (words.code().equals("NAME_UNKNOWN")
            || words.code().equals("MANIFEST_UNKNOWN")
            || words.isEmpty()) {
          return null;
        }
        throw conversation.refusal(reply, doing, words);
      }
      if (!reply.isSuccess()) {
        throw conversation.refusal(reply, doing);
      }
      var answer = new Answer(reply, document(reply, doing));
      if (answer.type.contains("html")) {
        throw new UnavailableException(
            "cannot %s: %s answers with a web page; is it a registry?"
                .formatted(doing, conversation.address().name()));
      }
      return answer;
    }
  }

  private Tagged describe(String reference, Answer answer) throws IOException {
    byte[] bytes = answer.bytes;
    Digest digest = Digest.isDigest(reference) ? Digest.parse(reference) : Digest.sha256(bytes);
    if (!digest.matches(bytes)) {
      throw new DigestMismatchException(
          "%s: its bytes are those of %s".formatted(store.named(reference), Digest.sha256(bytes)));
    }
    Descriptor descriptor = Documents.describe(digest, bytes);
    String type = answer.type;
    boolean says = MediaTypes.isIndex(type) || MediaTypes.isManifest(type);
    if (says && !type.equals(descriptor.mediaType())) {
      descriptor = Descriptor.of(type, digest, bytes.length);
      Documents.agree(descriptor, bytes);
    }
    keep(descriptor, bytes);
    return new Tagged(descriptor, answer.version);
  }

  static byte[] document(Reply reply, String doing) throws IOException {
    byte[] bytes;
    try {
      bytes = reply.bytes(Documents.MAX_SIZE);
    } catch (java.io.InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new UnavailableException("cannot %s: %s".formatted(doing, e.getMessage()), e);
    }
    if (bytes.length > Documents.MAX_SIZE) {
      throw new DocumentException(
          "cannot %s: it has more than %d bytes".formatted(doing, Documents.MAX_SIZE));
    }
    return bytes;
  }

  private void keep(Descriptor descriptor, byte[] bytes) {
    seen.add(descriptor);
    if (documents.size() < KEPT && bytes.length < 1 << 16) {
      documents.put(descriptor.digest(), bytes);
    }
  }

  /// Of an image, an index, or a small blob such as a configuration.
  byte[] bytes(Descriptor descriptor) throws IOException {
    Documents.bounded(descriptor);
    byte @Nullable [] known = documents.get(descriptor.digest());
    if (known != null && known.length == descriptor.size()) {
      return known;
    }
    if (!isDocument(descriptor)) {
      return whole(() -> {
        try (InputStream in = store.blob(descriptor)) {
          return in.readAllBytes();
        }
      });
    }
    return readAgain(descriptor);
  }

  /// From the registry, whatever was read before.
  byte[] readAgain(Descriptor descriptor) throws IOException {
    byte[] bytes = whole(() -> read(descriptor));
    keep(descriptor, bytes);
    return bytes;
  }

  interface Reading<T> {
    T read() throws IOException;
  }

  /// Reads until the bytes match, or came wrong too often.
  <T> T whole(Reading<T> reading) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return reading.read();
      } catch (DigestMismatchException e) {
        conversation.pause(attempt, e);
      }
    }
  }

  private byte[] read(Descriptor descriptor) throws IOException {
    String doing = "read " + store.named(descriptor.digest().toString());
    Request request =
        Request.of("GET", store.manifests(descriptor.digest().toString()), store.pull())
            .with("Accept", ACCEPT);
    try (Reply reply = conversation.demand(request, doing)) {
      byte[] bytes = document(reply, doing);
      if (bytes.length != descriptor.size() || !descriptor.digest().matches(bytes)) {
        throw new DigestMismatchException(
            "%s: it should have %d bytes of that digest, and has others (%d)"
                .formatted(
                    store.named(descriptor.digest().toString()), descriptor.size(), bytes.length));
      }
      return bytes;
    }
  }

  static boolean isDocument(Descriptor descriptor) {
    return MediaTypes.isManifest(descriptor.mediaType())
        || MediaTypes.isIndex(descriptor.mediaType());
  }
}
