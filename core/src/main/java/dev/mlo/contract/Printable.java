package dev.mlo.contract;

/// Texts from outside, made fit to be shown.
public final class Printable {
  private static final int MAX = 200;

  private Printable() {}

  /// No longer than two hundred characters, without control characters.
  public static String of(String text) {
    String shown = text.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]", "?");
    return shortened(shown, MAX);
  }

  /// A text no longer than so many characters, and an ellipsis; no character beyond the Basic
  /// Multilingual Plane is cut in two, for the half of one has no UTF-8.
  public static String shortened(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + "…";
  }

  /// Whether it can be shown as it is.
  public static boolean is(String text) {
    return of(text).equals(text);
  }
}
