package dev.mlo.oci;

import java.io.IOException;

/// What two places say of one image in the manner of cosign: each signature is a layer of one
/// artifact, which is written anew with every signature that is added.
public final class Attachments {
  private Attachments() {}

  /// Whether an artifact has all that another one has, and more.
  ///
  /// @param tag both stand under, for messages
  /// @param place that holds both
  /// @throws ConflictException when each has something that the other has not
  public static boolean isNewer(String tag, ImageSource place, Descriptor one, Descriptor other)
      throws IOException {
    byte[] mine = place.manifest(one);
    byte[] theirs = place.manifest(other);
    if (Documents.covers(mine, theirs)) {
      return true;
    }
    if (Documents.covers(theirs, mine)) {
      return false;
    }
    throw new ConflictException(
        "`%s` in %s holds other signatures than the copy; one of them would be lost"
            .formatted(tag, place.describe()));
  }
}
