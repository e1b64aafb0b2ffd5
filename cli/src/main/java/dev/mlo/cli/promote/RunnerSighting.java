package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import org.jspecify.annotations.Nullable;

/// What is known of a runner at this moment.
///
/// @param name its id, or its URL where it was not started here
/// @param url where it takes requests, or its admin URL where that is all we know
/// @param image what it was started from, as a person named it; `null` when nobody told
/// @param serves what it says it serves; `null` when it could not be asked
/// @param trouble why it could not be asked; `null` when it answered
public record RunnerSighting(
    String name,
    String url,
    @Nullable String image,
    @Nullable Serves serves,
    @Nullable String trouble) {

  /// @param digest of the image; `null` when the runner was not told
  public record Serves(String model, String version, @Nullable Digest digest, boolean ready) {}

  static RunnerSighting unreachable(
      String name, String url, @Nullable String image, String trouble) {
    return new RunnerSighting(name, url, image, null, trouble);
  }
}
