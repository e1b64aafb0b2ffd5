package dev.mlo.cli.deploy;

import java.util.List;

/// What a swap or a rollback did, one outcome a runner.
///
/// @param image what a person calls the image; after a rollback the version that serves again
/// @param digest of the image's manifest; empty when a runner does not know it
public record SwapResult(
    String image, String digest, boolean dryRun, boolean rollback, List<SwapOutcome> runners) {}
