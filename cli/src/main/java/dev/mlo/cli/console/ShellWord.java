package dev.mlo.cli.console;

/// Text as one word of a command that is typed into a shell: bash, zsh and fish read it alike.
public final class ShellWord {
  private ShellWord() {}

  /// In quotes only where it has to be.
  static String of(String text) {
    return text.matches("[\\w./:@%+=,~-]+") ? text : quoted(text);
  }

  public static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
