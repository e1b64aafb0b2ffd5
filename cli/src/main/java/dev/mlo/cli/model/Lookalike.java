package dev.mlo.cli.model;

import org.jspecify.annotations.Nullable;

/// What a file is that is given as a model and is none, known by its first bytes.
enum Lookalike {
  LFS_POINTER("version https://git-lfs", "a Git LFS pointer, not the model itself", "git lfs pull"),
  ZIP("PK\u0003\u0004", "a zip archive, as PyTorch writes them", null),
  HDF5("\u0089HDF", "an HDF5 file, as Keras writes them", null),
  GZIP("\u001f\u008b", "compressed by gzip", "gunzip it first"),
  PICKLE("\u0080\u0002", "a Python pickle", null),
  PICKLE_3("\u0080\u0003", "a Python pickle", null),
  PICKLE_4("\u0080\u0004", "a Python pickle", null),
  PICKLE_5("\u0080\u0005", "a Python pickle", null),
  HTML("<!DOCTYPE", "a web page", "download the file itself, not the page about it"),
  JSON("{", "a JSON document", null);

  private final String start;
  private final String what;
  private final @Nullable String hint;

  Lookalike(String start, String what, @Nullable String hint) {
    this.start = start;
    this.what = what;
    this.hint = hint;
  }

  /// @param head the file's first bytes, a character each
  static @Nullable Lookalike of(String head) {
    for (Lookalike candidate : values()) {
      if (head.startsWith(candidate.start)) {
        return candidate;
      }
    }
    return null;
  }

  String what() {
    return what;
  }

  /// Else: how to get a model of it.
  String hint() {
    return hint == null ? "export the model to ONNX or PMML" : hint;
  }
}
