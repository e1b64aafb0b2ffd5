package dev.mlo.contract;

import org.jspecify.annotations.Nullable;

/// A version that a runner holds.
///
/// @param image what a person called the image; `null` when nobody told the runner
/// @param imageDigest the image manifest's digest; `null` when nobody told the runner
/// @param modelDigest the card's digest
/// @param generation counts the flips of this runner's slot, from 1
public record Serving(
    String model,
    String version,
    @Nullable String image,
    @Nullable String imageDigest,
    String modelDigest,
    long generation) {}
