package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sends one blob: as a whole at first; after a break, or where something between us and the
/// registry limits the size of a request, in chunks from where the registry says it stands.
final class BlobUpload {
  private static final long CHUNK = 32 << 20;
  private static final long SMALLEST_CHUNK = 1 << 20;
  private static final long WHOLE = Long.MAX_VALUE;

  private final Conversation conversation;
  private final String repository;
  private final Descriptor blob;
  private final ImageSource source;
  private final Feed feed;
  private final Presence there;
  private final String doing;
  private @Nullable Unfinished unfinished;
  private @Nullable URI location;
  private long offset;
  private long chunk = WHOLE;
  private long minimum = SMALLEST_CHUNK;
  private boolean corrupted;
  private int damaged;

  /// Whether the registry has the blob: an answer may have been lost.
  interface Presence {
    boolean check() throws IOException;
  }

  BlobUpload(
      Conversation conversation,
      String repository,
      Descriptor blob,
      ImageSource source,
      Presence there,
      String doing) {
    this.conversation = conversation;
    this.repository = repository;
    this.blob = blob;
    this.source = source;
    this.feed = new Feed(source, blob);
    this.there = there;
    this.doing = doing;
  }

  /// @param opened an upload that the registry opened already
  /// @param directory where to note down how far it is, for a later run
  void send(Optional<URI> opened, @Nullable Path directory) throws IOException {
    try (feed;
        Unfinished noted =
            Unfinished.claim(
                    directory,
                    conversation.address(),
                    repository,
                    blob,
                    source.file(blob).orElse(null))
                .orElse(null)) {
      unfinished = noted;
      location = opened.orElse(null);
      if (noted != null && location == null) {
        noted.read().ifPresent(this::resume);
      }
      if (location != null && opened.isEmpty() && !ask()) {
        restart();
      }
      run();
      if (noted != null) {
        noted.forget();
      }
    }
  }

  /// An upload of an earlier run. A file on disk must not send us elsewhere.
  private void resume(Unfinished.Upload upload) {
    boolean home =
        Address.origin(upload.location()).equals(Address.origin(conversation.address().base()));
    if (home) {
      location = upload.location();
      offset = upload.offset();
      chunk = CHUNK;
    }
  }

  private void run() throws IOException {
    int failures = 0;
    while (true) {
      long before = offset;
      try {
        if (step()) {
          return;
        }
        failures = 0;
      } catch (Transport.ContentException e) {
        readAgain(e.failure());
      } catch (IOException e) {
        failures = offset > before ? 1 : failures + 1;
        conversation.pause(failures, e, doing);
        chunk = Math.min(chunk, Math.max(CHUNK, minimum));
        if (location != null && !ask()) {
          if (there.check()) {
            return;
          }
          restart();
        }
      }
    }
  }

  /// What came from the source was garbled on the way, and part of it may be at the registry: both
  /// begin anew.
  private void readAgain(IOException failure) throws IOException {
    if (!(failure instanceof DigestMismatchException mismatch)) {
      throw failure;
    }
    source.again(blob, ++damaged, mismatch);
    feed.close();
    restart();
  }

  private static final class BrokenException extends IOException {
    BrokenException(String message) {
      super(message);
    }
  }

  /// @return whether the blob is at the registry
  private boolean step() throws IOException {
    if (location == null) {
      location = start();
      offset = 0;
      note();
    }
    boolean whole = offset == 0 && chunk >= blob.size();
    return (whole || offset == blob.size()) ? finish() : patch();
  }

  private Scope scope() {
    return Scope.push(repository);
  }

  private URI start() throws IOException {
    String algorithm = blob.digest().algorithm();
    URI uri =
        conversation.uri(
            repository
                + "/blobs/uploads/"
                + (algorithm.equals("sha256") ? "" : "?digest-algorithm=" + algorithm));
    try (Reply reply =
        conversation.send(Request.of("POST", uri, scope()).with(Content.of(new byte[0])), doing)) {
      if (reply.status() != 202) {
        throw conversation.refusal(reply, doing);
      }
      reply
          .header("OCI-Chunk-Min-Length")
          .filter(text -> text.matches("[0-9]{1,12}"))
          .ifPresent(text -> minimum = Math.max(SMALLEST_CHUNK, Long.parseLong(text)));
      return next(reply);
    }
  }

  /// Where to go on; every answer may say another place.
  private URI next(Reply reply) throws UnavailableException {
    Optional<String> given = reply.header("Location");
    if (given.isEmpty()) {
      throw new UnavailableException(
          "cannot %s: the registry does not say where to send it".formatted(doing));
    }
    URI next = Locations.resolve(reply.uri(), given.get());
    conversation.check(next);
    return next;
  }

  private URI at() {
    return java.util.Objects.requireNonNull(location);
  }

  /// The last request: all of it, or nothing when the chunks are there.
  private boolean finish() throws IOException {
    URI uri = Locations.with(at(), "digest=" + blob.digest().toString().replace(":", "%3A"));
    Request request =
        Request.of("PUT", uri, scope())
            .with("Content-Type", "application/octet-stream")
            .with(feed.part(offset, blob.size() - offset));
    try (Reply reply = conversation.once(request)) {
      if (reply.status() == 201 || reply.status() == 200 || reply.status() == 204) {
        return true;
      }
      return again(reply);
    }
  }

  private boolean patch() throws IOException {
    long length = Math.min(chunk, blob.size() - offset);
    Request request =
        Request.of("PATCH", at(), scope())
            .with("Content-Type", "application/octet-stream")
            .with("Content-Range", offset + "-" + (offset + length - 1))
            .with(feed.part(offset, length));
    try (Reply reply = conversation.once(request)) {
      if (reply.status() != 202 && reply.status() != 201 && reply.status() != 204) {
        return again(reply);
      }
      long reached = reply.header("Range").map(BlobUpload::end).orElse(offset + length);
      location = next(reply);
      offset = reached > offset && reached <= offset + length ? reached : offset + length;
      note();
      return false;
    }
  }

  /// What to do after an answer that is no success: less at once, from where the registry stands,
  /// from the start, or not at all.
  private boolean again(Reply reply) throws IOException {
    int status = reply.status();
    if (status == 413 && Math.min(chunk, blob.size()) > minimum) {
      reply.close();
      chunk = Math.max(minimum, Math.min(CHUNK, Math.min(chunk, blob.size()) / 2));
      if (!ask()) {
        restart();
      }
      return false;
    }
    if (reply.isPassing()) {
      String why = "status " + status + said(reply.words());
      conversation.rest(reply);
      throw new BrokenException(why);
    }
    Words words = reply.words();
    if (status == 416 || status == 404 || words.code().startsWith("BLOB_UPLOAD_")) {
      throw new BrokenException("the upload was lost, status " + status + said(words));
    }
    if (words.code().equals("DIGEST_INVALID") && !corrupted) {
      corrupted = true;
      restart();
      return false;
    }
    if (words.code().equals("DIGEST_INVALID")) {
      throw new DigestMismatchException(
          "cannot %s: %s arrives damaged, twice".formatted(doing, blob.digest()));
    }
    throw conversation.refusal(reply, doing, words);
  }

  private static String said(Words words) {
    return words.isEmpty() ? "" : ": " + words;
  }

  private void restart() throws IOException {
    location = null;
    offset = 0;
    chunk = WHOLE;
    if (unfinished != null) {
      unfinished.forget();
    }
  }

  /// Asks how much the registry has.
  ///
  /// @return false when it knows nothing of this upload any more
  private boolean ask() throws IOException {
    try (Reply reply = conversation.send(Request.of("GET", at(), scope()), doing)) {
      if (reply.status() != 204 && reply.status() != 200 && reply.status() != 202) {
        return false;
      }
      long reached = reply.header("Range").map(BlobUpload::end).orElse(0L);
      if (reached > blob.size()) {
        return false;
      }
      offset = reached;
      if (reply.header("Location").isPresent()) {
        location = next(reply);
      }
      note();
      return true;
    }
  }

  /// Of `0-1023`, 1024. `0-0` is what registries say of one byte, and of none; none is safe: a
  /// registry that has one answers 416 and is asked again.
  private static long end(String range) {
    String text = range.startsWith("bytes=") ? range.substring(6) : range;
    int dash = text.indexOf('-');
    if (dash < 0 || !text.substring(dash + 1).matches("[0-9]{1,18}")) {
      return 0;
    }
    long last = Long.parseLong(text.substring(dash + 1));
    return last == 0 ? 0 : last + 1;
  }

  private void note() throws IOException {
    boolean home = Address.origin(at()).equals(Address.origin(conversation.address().base()));
    if (unfinished != null && home) {
      unfinished.write(new Unfinished.Upload(at(), offset));
    }
  }
}
