package dev.mlo.oci;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/// A place images are written to. Content is invisible until a tag points at it; each call leaves
/// the place either as it was or with the whole of what was written.
public interface ImageTarget {
  boolean has(Descriptor descriptor) throws IOException;

  /// Takes a blob from a source, by hard link where both lie on one disk.
  ///
  /// @return the number of bytes that were written; 0 when the blob was linked or already there
  long blob(Descriptor descriptor, ImageSource source) throws IOException;

  /// How many blobs of a source may be taken at the same time.
  default int writers(ImageSource source) {
    return 1;
  }

  /// Writes the exact bytes of a manifest or an index.
  ///
  /// @return the number of bytes that were written; 0 when they were there
  long manifest(Descriptor descriptor, byte[] bytes) throws IOException;

  /// Writes the manifest of an artifact that speaks of a subject, so that it is found as a referrer
  /// of it.
  default void referrer(Descriptor descriptor, byte[] bytes) throws IOException {
    referrers(List.of(new Document(descriptor, bytes)));
  }

  /// The same for several at once, each after what it speaks of.
  ///
  /// @return the number of bytes that were written
  long referrers(Collection<Document> artifacts) throws IOException;

  /// Points a tag of cosign at an artifact that is already here. One that points at an artifact
  /// with fewer layers moves: each signature is a layer.
  ///
  /// @throws ConflictException when signatures would be lost
  void attach(String tag, Descriptor artifact) throws IOException;

  /// Points a name at a manifest that is already here.
  void tag(String name, Descriptor descriptor) throws IOException;

  String describe();
}
