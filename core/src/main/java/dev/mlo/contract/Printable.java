package dev.mlo.contract;

/// Names out of a model file, made fit for a terminal.
public final class Printable {
  private static final int MAX = 200;

  private Printable() {}

  /// No longer than two hundred characters, without control characters.
  public static String of(String text) {
    String shown = text.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]", "?");
    return shown.length() <= MAX ? shown : shown.substring(0, MAX) + "…";
  }

  /// Whether it can be shown as it is.
  public static boolean is(String text) {
    return of(text).equals(text);
  }
}
