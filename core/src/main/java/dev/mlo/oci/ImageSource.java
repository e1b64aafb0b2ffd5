package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A place images are read from. Every read verifies: bytes that do not match their digest end in a
/// [DigestMismatchException], never in a result.
public interface ImageSource {
  /// What a name (a tag, or in a layout a `ref.name`) or a digest in text form points at.
  ///
  /// @throws NotFoundException when the place does not hold it
  Descriptor resolve(String reference) throws IOException;

  /// The raw bytes of a manifest or an index, at most 4 MiB.
  byte[] manifest(Descriptor descriptor) throws IOException;

  /// A stream over a blob that fails at its end when the digest or the size does not match.
  InputStream blob(Descriptor descriptor) throws IOException;

  /// The bytes of a blob from one on, as they come: whether all of it has the digest is for the
  /// caller to find out.
  ///
  /// @return empty where that is not to be had; then [#blob] gives it from the beginning
  default Optional<InputStream> rest(Descriptor descriptor, long offset) throws IOException {
    return Optional.empty();
  }

  /// Says whether to read content once more that did not match: returns, after a pause, when other
  /// bytes may come the next time.
  ///
  /// @param attempt which reading of it that was, from 1
  /// @throws DigestMismatchException when the same bytes would come
  default void again(Descriptor descriptor, int attempt, DigestMismatchException failure)
      throws IOException {
    throw failure;
  }

  /// What somebody makes of a blob who can start over.
  @FunctionalInterface
  interface Reading<T> {
    /// @param blob from its first byte to its last
    T from(InputStream blob) throws IOException;
  }

  /// Reads a blob to its end; when other bytes came than it has, again from its beginning, as often
  /// as [#again] lets us. What the reader made of wrong bytes, be it another failure, counts for
  /// nothing.
  ///
  /// @param reading is asked once for each time the blob is opened
  default <T> T read(Descriptor descriptor, Reading<T> reading) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = blob(descriptor)) {
        return Reread.of(in, reading);
      } catch (Reread.DamagedException e) {
        again(descriptor, attempt, e.mismatch());
      }
    }
  }

  /// Where a blob lies as a file of its own that may be hard-linked.
  Optional<Path> file(Descriptor descriptor) throws IOException;

  /// Reads a blob to its end, so that it is known to be whole.
  default void verify(Descriptor descriptor) throws IOException {
    try (InputStream in = blob(descriptor)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  /// How many blobs may be read at the same time.
  default int readers() {
    return 1;
  }

  /// The artifacts whose subject is this digest.
  List<Descriptor> referrers(Digest subject) throws IOException;

  /// What cosign left about a manifest, by its tags ([DigestTag#cosign]).
  default Map<String, Descriptor> attached(Digest subject) throws IOException {
    return Map.of();
  }

  /// The place itself, for those who ask what it is; not what merely watches the reading.
  default ImageSource place() {
    return this;
  }

  /// For messages: how a person would name this place.
  String describe();
}
