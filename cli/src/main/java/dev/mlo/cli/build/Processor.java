package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Platform;
import java.util.Arrays;
import java.util.Optional;

/// A processor that runner images can be made for: what programs for Linux on it look like.
enum Processor {
  X86_64("amd64", "x86-64", 62, "/lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"),
  AARCH64("arm64", "64-bit ARM", 183, "/lib/ld-linux-aarch64.so.1", "lib/ld-musl-aarch64.so.1");

  private final String architecture;
  private final String name;
  private final int machine;
  private final String loader;
  private final String muslLoader;

  Processor(String architecture, String name, int machine, String loader, String muslLoader) {
    this.architecture = architecture;
    this.name = name;
    this.machine = machine;
    this.loader = loader;
    this.muslLoader = muslLoader;
  }

  /// @param machine `e_machine` of an ELF header
  static Optional<Processor> of(int machine) {
    return Arrays.stream(values()).filter(one -> one.machine == machine).findFirst();
  }

  /// @throws Failure USAGE when no runner image can be made for the platform
  static Processor of(Platform platform) {
    return Arrays.stream(values())
        .filter(one -> platform.equals(new Platform("linux", one.architecture)))
        .findFirst()
        .orElseThrow(() ->
            Failure.of(ExitCode.USAGE, "no runner image can be made for " + platform)
                .why("the engines exist for linux/amd64 and linux/arm64"));
  }

  /// The absolute path of the loader of the GNU C library, as programs ask for it.
  String loader() {
    return loader;
  }

  /// Where the loader of musl lies instead, relative to the root.
  String muslLoader() {
    return muslLoader;
  }

  @Override
  public String toString() {
    return name;
  }
}
