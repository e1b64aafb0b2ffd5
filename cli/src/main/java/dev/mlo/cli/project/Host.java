package dev.mlo.cli.project;

/// The machine `mlo` runs on.
final class Host {
  private Host() {}

  /// In the words of the OCI image specification: `linux/amd64`.
  static String platform() {
    String machine = System.getProperty("os.arch", "");
    return "linux/"
        + switch (machine) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> machine;
        };
  }
}
