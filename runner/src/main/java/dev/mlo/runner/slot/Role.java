package dev.mlo.runner.slot;

/// The seats a version may have in a slot.
public enum Role {
  ACTIVE,
  CANDIDATE,
  PREVIOUS
}
