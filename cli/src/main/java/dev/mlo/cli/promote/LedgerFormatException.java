package dev.mlo.cli.promote;

/// A ledger file that does not say what it must.
final class LedgerFormatException extends Exception {
  LedgerFormatException(String message) {
    super(message);
  }
}
