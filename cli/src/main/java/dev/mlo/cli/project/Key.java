package dev.mlo.cli.project;

/// One key of the manifest.
///
/// @param description what it is for, as sentences
/// @param absent what holds without it
/// @param later whether it has a meaning that is not built yet; then it is refused by name
record Key(
    String name, Kind kind, String description, String absent, boolean required, boolean later) {
  static Key required(String name, Kind kind, String description) {
    return new Key(name, kind, description, "", true, false);
  }

  static Key optional(String name, Kind kind, String absent, String description) {
    return new Key(name, kind, description, absent, false, false);
  }

  static Key later(String name, String description) {
    return new Key(name, new Kind.Free(), description, "", false, true);
  }
}
