package dev.mlo.oci.registry;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/// Points a tag at a manifest that the registry has. Under a digest a registry checks what arrives,
/// under a tag it takes any JSON, also one that was garbled on the way; so what arrived is looked
/// at, and sent again. What a registry says twice has arrived, whatever it shows.
record Tagging(Conversation conversation, RegistryStore store, String tag, Descriptor manifest) {
  private static final int ATTEMPTS = 5;

  /// @throws ConflictException when the registry does not let the tag move
  /// @throws DigestMismatchException when other bytes arrive each time
  void run() throws IOException {
    if (isDone()) {
      return;
    }
    byte[] bytes = store.manifest(manifest);
    if (manifest.digest().algorithm().equals("sha256")) {
      under(bytes);
    } else {
      along(bytes);
    }
  }

  private String doing() {
    return "push to " + store.named(tag);
  }

  /// What a tag points at that is no manifest is not ours, and goes.
  private boolean isDone() throws IOException {
    try {
      return store.find(tag).filter(now -> now.digest().equals(manifest.digest())).isPresent();
    } catch (DocumentException e) {
      return false;
    }
  }

  private void under(byte[] bytes) throws IOException {
    String digest = manifest.digest().toString();
    boolean before = false;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      boolean arrived;
      try (Reply reply = conversation.send(store.putting(tag, manifest, bytes), doing())) {
        if (!reply.isSuccess()) {
          settle(reply);
          return;
        }
        // Nobody told the registry this digest: it made it of what arrived.
        arrived = reply.header("Docker-Content-Digest").filter(digest::equals).isPresent();
      }
      // Without TLS the tag, too, may have become another one on its way.
      boolean believed = arrived && (conversation.address().isEncrypted() || before);
      if (believed || isDone()) {
        return;
      }
      before = arrived;
    }
    throw new DigestMismatchException(
        "`%s` was given other bytes on the way than those of %s, %d times"
            .formatted(store.named(tag), digest, ATTEMPTS));
  }

  /// A registry whose tags do not move refuses even what is there already.
  private void settle(Reply reply) throws IOException {
    Words words = reply.words();
    OciException refusal = conversation.refusal(reply, doing(), words);
    boolean moves = reply.isPassing() || reply.status() == 401 || reply.status() == 413;
    Optional<Descriptor> after = moves ? Optional.empty() : store.find(tag);
    if (after.isEmpty()) {
      throw refusal;
    }
    if (!after.get().digest().equals(manifest.digest())) {
      String why = words.isEmpty() ? "status " + reply.status() : words.toString();
      throw new ConflictException(
          "`%s` stays at %s, not %s: the registry does not let this tag move: %s"
              .formatted(store.named(tag), after.get().digest(), manifest.digest(), why));
    }
  }

  /// A registry that is given bytes under a tag makes a SHA-256 digest of them. One that can do
  /// better takes the tag along with the digest, and says so.
  private void along(byte[] bytes) throws IOException {
    Request request = store.putting(manifest.digest() + "?tag=" + tag, manifest, bytes);
    try (Reply reply = conversation.demand(request, doing())) {
      boolean tagged =
          reply.headers().allValues("OCI-Tag").stream()
              .flatMap(value -> Stream.of(value.split(",", -1)))
              .anyMatch(value -> value.strip().equals(tag));
      if (!tagged) {
        throw new UnavailableException(
            "cannot %s: the registry gives no tags to manifests with a %s digest"
                .formatted(doing(), manifest.digest().algorithm()));
      }
    }
  }
}
