package dev.mlo.oci;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// A name inside a layer: relative, with `/` between names, and never on its way out of the tree.
/// File names of the whiteout convention (`.wh.…`) are refused, for a container engine would take
/// them for deletions (OCI image specification, "Whiteouts").
record LayerPath(String text) {
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_NAME = 255;

  /// @throws IllegalArgumentException when the text could lead out of the tree
  static LayerPath parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a path of %d characters in a layer is not allowed".formatted(text.length()));
    }
    for (String name : text.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..") || name.length() > MAX_NAME) {
        throw new IllegalArgumentException(
            "the path `%s` in a layer is not allowed".formatted(shown(text)));
      }
      if (name.startsWith(".wh.")) {
        throw new IllegalArgumentException(
            "`%s` would be taken for a deletion by container engines".formatted(shown(text)));
      }
    }
    return new LayerPath(text);
  }

  /// Takes the forms that tar programs write: `./a`, `a/`.
  static LayerPath ofTar(String name) {
    String text = name;
    while (text.startsWith("./")) {
      text = text.substring(2);
    }
    return parse(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  Path below(Path directory) {
    try {
      return directory.resolve(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "`%s` is no file name on this machine: %s".formatted(shown(text), e.getReason()), e);
    }
  }

  private static String shown(String text) {
    String brief = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return brief.replaceAll("\\p{Cntrl}", "?");
  }
}
