package dev.mlo.oci.registry;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// What a registry lets us do in one repository.
///
/// @param base the address that was asked; its scheme says whether the way is encrypted
/// @param account whom it takes us for
/// @param wanted what it wants to see: `nothing`, `a password` or `a token`
/// @param clock what time it says it is; whole seconds
/// @param push whether it takes an upload
/// @param words why not; empty where it does
/// @param residue whether the upload that showed it could not be taken back; registries forget such
///   ones by themselves
public record RegistryAccess(
    URI base,
    String account,
    String wanted,
    Optional<Instant> clock,
    boolean push,
    String words,
    boolean residue) {}
