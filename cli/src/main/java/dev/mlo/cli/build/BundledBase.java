package dev.mlo.cli.build;

import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The lowest layer of an image that stands on no registry's base: this machine's C and C++
/// libraries, a locale, a user, and the few files that programs expect. No shell.
final class BundledBase {
  static final String C_LOCALE = "usr/lib/locale/C.utf8";

  /// ONNX Runtime's text operators insist on a locale called en_US.UTF-8; byte for byte, its
  /// character types are those of C.UTF-8.
  static final String US_LOCALE = "usr/lib/locale/en_US.utf8";

  /// Many models name it without its character set.
  static final String US_SHORT = "usr/lib/locale/en_US";

  private static final List<Path> LOCALES =
      List.of(
          Path.of("/usr/lib/locale/C.utf8"),
          Path.of("/usr/lib/locale/C.UTF-8"),
          Path.of("/usr/lib64/locale/C.utf8"));

  /// Where Debian and Fedora keep the terms under which the libraries may be passed on.
  private static final List<Path> TERMS =
      List.of(
          Path.of("/usr/share/doc/libc6/copyright"),
          Path.of("/usr/share/doc/libstdc++6/copyright"),
          Path.of("/usr/share/doc/libgcc-s1/copyright"),
          Path.of("/usr/share/licenses/glibc/COPYING.LIB"),
          Path.of("/usr/share/licenses/libgcc/COPYING.RUNTIME"),
          Path.of("/usr/share/licenses/libstdc++/COPYING.RUNTIME"));

  private BundledBase() {}

  static LayerWriter layer(Libraries libraries) throws IOException {
    LayerWriter layer = new LayerWriter();
    for (var library : libraries.files().entrySet()) {
      layer.file(library.getKey(), 0755, library.getValue(), Files.size(library.getValue()));
    }
    for (Path terms : TERMS) {
      if (Files.isRegularFile(terms)) {
        layer.file(terms.toString().substring(1), 0644, terms, Files.size(terms));
      }
    }
    Path locale =
        locale()
            .orElseThrow(() ->
                HostLibraries.unusableHost(
                    "this machine has no locale C.UTF-8 in /usr/lib/locale"));
    new Folder(locale).addTo(layer, C_LOCALE, _ -> true);
    new Folder(locale).addTo(layer, US_LOCALE, _ -> true);
    shortName(layer);
    identity(layer);
    state(layer);
    layer.directory("tmp", 01777, LayerWriter.Owner.ROOT);
    for (String mountPoint : List.of("proc", "dev", "sys", "models")) {
      layer.directory(mountPoint, 0755, LayerWriter.Owner.ROOT);
    }
    return layer;
  }

  /// The other name of the locale en_US.UTF-8.
  static void shortName(LayerWriter layer) {
    layer.link(US_SHORT, US_LOCALE.substring(US_LOCALE.lastIndexOf('/') + 1));
  }

  /// The directory the runner may write to.
  static void state(LayerWriter layer) {
    LayerWriter.Owner user = new LayerWriter.Owner(RunConfig.USER, RunConfig.USER);
    layer.directory("var/lib/mlo", 0700, user);
  }

  /// The files of the locale C.UTF-8 on this machine.
  static Optional<Path> locale() {
    return LOCALES.stream().filter(Files::isDirectory).findFirst();
  }

  private static void identity(LayerWriter layer) throws IOException {
    text(
        layer,
        "etc/passwd",
        """
        root:x:0:0:root:/:/sbin/nologin
        mlo:x:%1$d:%1$d:mlo:/var/lib/mlo:/sbin/nologin
        """
            .formatted(RunConfig.USER));
    text(layer, "etc/group", "root:x:0:\nmlo:x:%d:\n".formatted(RunConfig.USER));
    text(layer, "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    Path release = Path.of("/etc/os-release");
    if (Files.isRegularFile(release)) {
      layer.file("etc/os-release", 0644, Files.readAllBytes(release));
    }
  }

  private static void text(LayerWriter layer, String path, String content) {
    layer.file(path, 0644, content.getBytes(StandardCharsets.UTF_8));
  }
}
