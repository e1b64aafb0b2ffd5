package dev.mlo.cli.promote;

/// A way in which an environment is not what the ledger says.
///
/// @param remedy the command that puts it right
public record Drift(Kind kind, String detail, String remedy) {
  /// The names of `mlo status`.
  public enum Kind {
    /// The ledger moved, the pointer did not follow yet.
    INTERRUPTED("interrupted promotion"),
    /// The pointer is at a release the environment had earlier.
    REWOUND("pointer rewound"),
    /// The pointer is at something the environment never had.
    FOREIGN("foreign write"),
    /// There is no pointer.
    POINTER_MISSING("pointer missing"),
    /// Bytes of the current release are not there.
    CONTENT_LOST("content lost"),
    /// A runner serves a release the environment had earlier.
    RUNNER_BEHIND("runner behind"),
    /// A runner of the environment serves something the environment never had.
    RUNNER_UNKNOWN("runner serves something else");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }
}
