package dev.mlo.cli.promote;

import java.util.regex.Pattern;

/// What may become part of a path in the ledger or of a tag. Everything that names a file goes
/// through here first.
final class Names {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  private Names() {}

  static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  static boolean isVersion(String text) {
    return TAG.matcher(text).matches();
  }

  /// A DNS label (RFC 1123).
  static String label(String text) throws LedgerFormatException {
    if (!isLabel(text)) {
      throw new LedgerFormatException("`" + text + "` is no DNS label");
    }
    return text;
  }

  /// A tag (OCI distribution specification).
  static String version(String text) throws LedgerFormatException {
    if (!isVersion(text)) {
      throw new LedgerFormatException("`" + text + "` is no tag");
    }
    return text;
  }
}
