package dev.mlo.cli.console;

/// Colours, where the stream is a terminal and nobody asked for none. Nothing is said by colour
/// alone.
public record Style(boolean colour) {
  private String wrap(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  public String bold(String text) {
    return wrap("1", text);
  }

  public String dim(String text) {
    return wrap("2", text);
  }

  public String good(String text) {
    return wrap("32", text);
  }

  public String bad(String text) {
    return wrap("31", text);
  }

  public String warn(String text) {
    return wrap("33", text);
  }

  static int visibleLength(String text) {
    return text.replaceAll("\u001b\\[[0-9;]*m", "").length();
  }
}
