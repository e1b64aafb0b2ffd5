package dev.mlo.contract;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// `POST /mlo/v1/swaps`: serve this image's model instead. The request carries the image's manifest
/// and configuration, so that the runner can judge the model before one of its bytes moves; the
/// layers it lacks are then sent to `PUT /mlo/v1/blobs/{digest}`.
///
/// @param image what a person calls the image, for messages and history
/// @param digest of the manifest; the runner verifies it
/// @param manifest the raw bytes, in base64
/// @param config the raw bytes of the image configuration, in base64
/// @param expectedGeneration the generation the caller saw; `null`: whatever serves
/// @param allowSignatureChange accept other inputs and outputs than the active version's
/// @param dryRun stop after ADMITTING
public record SwapRequest(
    String image,
    String digest,
    String manifest,
    String config,
    @Nullable Long expectedGeneration,
    boolean allowSignatureChange,
    boolean dryRun,
    @Nullable String reason) {
  public byte[] manifestBytes() {
    return Base64.getDecoder().decode(manifest);
  }

  public byte[] configBytes() {
    return Base64.getDecoder().decode(config);
  }
}
