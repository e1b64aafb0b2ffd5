package dev.mlo.cli.promote;

import java.util.Locale;

/// Why an environment came to point at a release.
public enum EventKind {
  PROMOTE,
  ROLLBACK;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static EventKind parse(String word) throws LedgerFormatException {
    for (EventKind kind : values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new LedgerFormatException("`" + word + "` is no kind of event this mlo knows");
  }
}
