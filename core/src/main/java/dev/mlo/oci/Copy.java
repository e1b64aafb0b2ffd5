package dev.mlo.oci;

import java.io.IOException;

/// Copies an image with everything below it and everything said of it from one place to another,
/// byte for byte: blobs first, then children, then the root, then the referrers; names are the
/// caller's to set, last.
public final class Copy {
  /// What a copy did. Sizes are bytes.
  public record Report(
      int manifests, int blobs, int referrers, long bytes, long bytesWritten, int blobsReused) {}

  private Copy() {}

  public static Report copy(ImageSource source, Descriptor root, ImageTarget target, CopyLog log)
      throws IOException {
    throw new UnsupportedOperationException();
  }
}
