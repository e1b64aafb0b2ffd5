package dev.mlo.cli.promote;

/// Told after each step of a promotion, so that a test can end the process exactly there.
@FunctionalInterface
interface Checkpoint {
  Checkpoint NONE = step -> {};

  /// The steps in their order; each leaves something on disk or in the head of the process.
  enum Step {
    LOCKED,
    RESOLVED,
    PLANNED,
    JUDGED,
    BLOB_COPIED,
    COPIED,
    VERSION_TAGGED,
    VERIFIED,
    COMMITTED,
    POINTED
  }

  void passed(Step step);
}
