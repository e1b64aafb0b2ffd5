package dev.mlo.contract;

/// A version that a runner holds.
///
/// @param imageDigest the image manifest's digest
/// @param modelDigest the card's digest
/// @param generation counts the flips of this runner's slot, from 1
public record Serving(
    String model, String version, String imageDigest, String modelDigest, long generation) {}
