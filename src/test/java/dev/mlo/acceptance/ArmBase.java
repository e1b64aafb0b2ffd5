package dev.mlo.acceptance;

import dev.mlo.cli.build.ArmElf;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A base image for linux/arm64 with Java 25, as an OCI layout: everything a loader and `mlo` look
/// at is as in Debian 12, and there is no code in it.
final class ArmBase {
  private static final String LIBRARIES = "lib/aarch64-linux-gnu/";
  private static final String JAVA = "opt/java/openjdk/";
  private static final String LOADER = "ld-linux-aarch64.so.1";

  private ArmBase() {}

  /// @return `oci:DIRECTORY:java`
  static String lay(Path directory) throws IOException {
    LayerWriter files = new LayerWriter();
    add(
        files,
        "lib/" + LOADER,
        ArmElf.of()
            .soname(LOADER)
            .defines("GLIBC_2.17")
            .text("/lib/aarch64-linux-gnu/\0/usr/lib/aarch64-linux-gnu/"));
    library(files, "libc.so.6", "GLIBC_2.17", "GLIBC_2.25", "GLIBC_2.26", "GLIBC_2.28");
    library(files, "libm.so.6", "GLIBC_2.17", "GLIBC_2.27");
    for (String plain : List.of("libdl.so.2", "libpthread.so.0", "librt.so.1")) {
      library(files, plain, "GLIBC_2.17");
    }
    library(files, "libgcc_s.so.1", "GCC_3.0", "GCC_3.3.1", "GCC_4.0.0", "GCC_4.5.0");
    String[] cxx =
        ("GLIBCXX_3.4 GLIBCXX_3.4.9 GLIBCXX_3.4.11 GLIBCXX_3.4.14 GLIBCXX_3.4.15 GLIBCXX_3.4.17"
                + " GLIBCXX_3.4.18 GLIBCXX_3.4.19 GLIBCXX_3.4.20 GLIBCXX_3.4.21 GLIBCXX_3.4.22"
                + " CXXABI_1.3 CXXABI_1.3.2 CXXABI_1.3.3 CXXABI_1.3.5 CXXABI_1.3.7 CXXABI_1.3.8"
                + " CXXABI_1.3.9 CXXABI_1.3.11")
            .split(" ", -1);
    library(files, "libstdc++.so.6", cxx);
    add(
        files,
        JAVA + "bin/java",
        ArmElf.of().interpreter("/lib/" + LOADER).needs("libjli.so", "libc.so.6"));
    add(files, JAVA + "lib/libjli.so", ArmElf.of().soname("libjli.so").needs("libc.so.6"));
    add(
        files,
        JAVA + "lib/server/libjvm.so",
        ArmElf.of().soname("libjvm.so").needs("libm.so.6", "libc.so.6"));
    byte[] release = "JAVA_VERSION=\"25.0.1\"\n".getBytes(StandardCharsets.UTF_8);
    files.file(JAVA + "release", 0644, release);
    return "oci:" + image(directory, files) + ":java";
  }

  private static void library(LayerWriter files, String name, String... versions) {
    ArmElf library = ArmElf.of().soname(name).defines(versions);
    add(files, LIBRARIES + name, name.equals("libc.so.6") ? library : library.needs("libc.so.6"));
  }

  private static void add(LayerWriter files, String path, ArmElf elf) {
    files.file(path, 0755, elf.bytes());
  }

  private static Path image(Path directory, LayerWriter files) throws IOException {
    LayoutStore layout = LayoutStore.create(directory);
    Descriptor layer = layout.blob(MediaTypes.LAYER_TAR, files);
    var run = Json.object();
    run.putArray("Env").add("JAVA_HOME=/opt/java/openjdk");
    ImageConfig config =
        ImageConfig.of(new Platform("linux", "arm64"), ImageConfig.EPOCH, run)
            .withLayer(layer.digest(), "by hand");
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, config.write()),
                List.of(layer),
                null,
                Map.of())
            .write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    layout.manifest(image, manifest);
    layout.tag("java", image);
    return directory;
  }
}
