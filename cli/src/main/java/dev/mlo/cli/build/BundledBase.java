package dev.mlo.cli.build;

import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The lowest layer of an image that stands on no registry's base: this machine's C and C++
/// libraries, a locale, a user, and the few files that programs expect. No shell.
final class BundledBase {
  /// The user and the group that everything runs as.
  static final int USER = 65532;

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

  static LayerWriter layer(HostLibraries libraries) throws IOException {
    LayerWriter layer = new LayerWriter();
    for (var library : libraries.files().entrySet()) {
      layer.file(library.getKey(), 0755, library.getValue(), Files.size(library.getValue()));
    }
    for (Path terms : TERMS) {
      if (Files.isRegularFile(terms)) {
        layer.file(terms.toString().substring(1), 0644, terms, Files.size(terms));
      }
    }
    locale(layer);
    identity(layer);
    LayerWriter.Owner user = new LayerWriter.Owner(USER, USER);
    layer.directory("var/lib/mlo", 0700, user);
    layer.directory("tmp", 01777, LayerWriter.Owner.ROOT);
    for (String mountPoint : List.of("proc", "dev", "sys", "models")) {
      layer.directory(mountPoint, 0755, LayerWriter.Owner.ROOT);
    }
    return layer;
  }

  /// ONNX Runtime's text operators insist on a locale called en_US.UTF-8; byte for byte, its
  /// character types are those of C.UTF-8.
  private static void locale(LayerWriter layer) throws IOException {
    for (Path locale : LOCALES) {
      if (Files.isDirectory(locale)) {
        Folder folder = new Folder(locale);
        folder.addTo(layer, "usr/lib/locale/C.utf8", _ -> true);
        folder.addTo(layer, "usr/lib/locale/en_US.utf8", _ -> true);
        return;
      }
    }
    throw HostLibraries.unusable("this machine has no locale C.UTF-8 in /usr/lib/locale");
  }

  private static void identity(LayerWriter layer) throws IOException {
    text(
        layer,
        "etc/passwd",
        """
        root:x:0:0:root:/:/sbin/nologin
        mlo:x:%1$d:%1$d:mlo:/var/lib/mlo:/sbin/nologin
        """
            .formatted(USER));
    text(layer, "etc/group", "root:x:0:\nmlo:x:%d:\n".formatted(USER));
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
