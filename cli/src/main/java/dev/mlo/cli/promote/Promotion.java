package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import org.jspecify.annotations.Nullable;

/// What somebody wants to be promoted.
///
/// @param image a name in the store it comes from, or a digest; `null`: the project's version, or
///   what the environment before points at
/// @param to the environment it goes to
/// @param from the environment it comes from; `null`: the one before, for the first one the
///   project's own store
/// @param dryRun tell what would happen, change nothing
/// @param reason why, for the ledger
/// @param replace the digest the pointer may be moved away from although `mlo` did not put it there
public record Promotion(
    @Nullable String image,
    String to,
    @Nullable String from,
    boolean dryRun,
    @Nullable String reason,
    @Nullable Digest replace) {}
