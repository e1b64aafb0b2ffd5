package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.Installation;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// A base image made by hand: tars with this machine's libraries in the merged layout of today's
/// distributions, in any of the forms registries hold.
final class TestBase {
  static final Platform AMD64 = new Platform("linux", "amd64");
  static final Platform ARM64 = new Platform("linux", "arm64");

  /// How an image lies in a registry.
  enum Form {
    OCI_PLAIN(MediaTypes.MANIFEST, MediaTypes.LAYER_TAR, false),
    OCI_GZIP(MediaTypes.MANIFEST, MediaTypes.LAYER_TAR_GZIP, true),
    DOCKER(MediaTypes.DOCKER_MANIFEST, "application/vnd.docker.image.rootfs.diff.tar.gzip", true);

    final String manifest;
    final String layer;
    final boolean gzip;

    Form(String manifest, String layer, boolean gzip) {
      this.manifest = manifest;
      this.layer = layer;
      this.gzip = gzip;
    }
  }

  final List<byte[]> layers = new ArrayList<>();
  final ObjectNode run =
      (ObjectNode)
          Json.object()
              .put("User", "bob")
              .put("WorkingDir", "/nowhere")
              .set("Labels", Json.object().put("vendor", "Example"));
  Platform platform = AMD64;

  TestBase() {
    run.withObject("/Labels").put("org.opencontainers.image.version", "24.04");
    run.putArray("Env")
        .add("PATH=/usr/bin")
        .add("TZ=Europe/Berlin")
        .add("LD_PRELOAD=/evil.so")
        .add("JAVA_TOOL_OPTIONS=-Xmx1m")
        .add("MLO_HTTP_PORT=1");
    run.putArray("Cmd").add("sh");
  }

  /// One whose libraries are those of this machine.
  static TestBase withGlibc(Installation installation) throws IOException {
    TestBase base = new TestBase();
    Tar tar = new Tar();
    tar.link("lib", "usr/lib").link("lib64", "usr/lib64").link("bin", "/usr/bin");
    Libraries libraries =
        HostLibraries.of(installation.java(), new RunnerParts(installation).loaded());
    for (var library : libraries.files().entrySet()) {
      String path = library.getKey().replaceFirst("^usr/", "");
      tar.file("usr/" + path, Files.readAllBytes(library.getValue()));
    }
    base.layers.add(tar.text("etc/passwd", "bob:x:1000:1000::/:/bin/sh").bytes());
    base.layers.add(new Tar().text("etc/group", "root:x:0:\n").bytes());
    return base;
  }

  TestBase with(Tar layer) throws IOException {
    layers.add(layer.bytes());
    return this;
  }

  /// Where the C library of this machine lies, in an image made by [#withGlibc].
  static String libc(Installation installation) throws IOException {
    return HostLibraries.of(installation.java(), new RunnerParts(installation).loaded())
        .files()
        .keySet()
        .stream()
        .filter(path -> path.endsWith("/libc.so.6"))
        .map(path -> "usr/" + path.replaceFirst("^usr/", ""))
        .findFirst()
        .orElseThrow();
  }

  ImageConfig config() {
    ImageConfig config = ImageConfig.of(platform, ImageConfig.EPOCH, run);
    for (byte[] layer : layers) {
      config = config.withLayer(Digest.sha256(layer), "by hand");
    }
    return config;
  }

  Descriptor push(TestRegistry registry, String repository, String tag, Form form)
      throws IOException, InterruptedException {
    return push(registry, repository, tag, form, config());
  }

  Descriptor push(
      TestRegistry registry, String repository, String tag, Form form, ImageConfig config)
      throws IOException, InterruptedException {
    List<Descriptor> descriptors = new ArrayList<>();
    for (byte[] layer : layers) {
      byte[] blob = form.gzip ? gzip(layer) : layer;
      registry.blob(repository, blob);
      descriptors.add(Descriptor.of(form.layer, blob));
    }
    registry.blob(repository, config.write());
    String type =
        form == Form.DOCKER ? "application/vnd.docker.container.image.v1+json" : MediaTypes.CONFIG;
    byte[] manifest =
        new Manifest(
                form.manifest,
                null,
                Descriptor.of(type, config.write()),
                descriptors,
                null,
                Map.of())
            .write();
    registry.manifest(repository, tag, form.manifest, manifest);
    return Descriptor.of(form.manifest, manifest).withPlatform(platform);
  }

  /// Into a layout; not named yet.
  Descriptor lay(LayoutStore layout) throws IOException {
    List<Descriptor> descriptors = new ArrayList<>();
    for (byte[] layer : layers) {
      descriptors.add(layout.blob(MediaTypes.LAYER_TAR, layer));
    }
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, config().write()),
                descriptors,
                null,
                Map.of())
            .write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest).withPlatform(platform);
    layout.manifest(image, manifest);
    return image;
  }

  /// A layout that names one image or, of several, their index.
  static Path layout(Path directory, String name, TestBase... bases) throws IOException {
    LayoutStore layout = LayoutStore.create(directory);
    List<Descriptor> images = new ArrayList<>();
    for (TestBase base : bases) {
      images.add(base.lay(layout));
    }
    Descriptor root = images.getFirst();
    if (images.size() > 1) {
      byte[] index = new Index(MediaTypes.INDEX, images, Map.of()).write();
      root = Descriptor.of(MediaTypes.INDEX, index);
      layout.manifest(root, index);
    }
    layout.tag(name, root);
    return directory;
  }

  /// One for 64-bit ARM that brings a Java of its own, in the layout of Debian and Ubuntu.
  ///
  /// @param javaVersion as its file `release` says
  static TestBase withJava(String javaVersion) throws IOException {
    TestBase base = new TestBase();
    base.platform = ARM64;
    base.run.withArray("/Env").add("JAVA_HOME=/opt/java/openjdk");
    String libraries = "usr/lib/aarch64-linux-gnu/";
    Tar tar = new Tar();
    tar.link("lib", "usr/lib").link("bin", "usr/bin");
    tar.file(
        "usr/lib/ld-linux-aarch64.so.1",
        ArmElf.of().text("/lib/aarch64-linux-gnu/\0/usr/lib/aarch64-linux-gnu/").bytes());
    tar.file(
        libraries + "libc.so.6",
        ArmElf.of().soname("libc.so.6").defines("GLIBC_2.17", "GLIBC_2.36").bytes());
    tar.file(
        libraries + "libstdc++.so.6",
        ArmElf.of().soname("libstdc++.so.6").needs("libc.so.6").bytes());
    base.layers.add(tar.text("etc/passwd", "root:x:0:0::/:/bin/sh\n").bytes());
    String java = "opt/java/openjdk/";
    Tar upper = new Tar();
    upper.file(
        java + "bin/java",
        ArmElf.of()
            .interpreter("/lib/ld-linux-aarch64.so.1")
            .needs("libjli.so", "libc.so.6")
            .bytes());
    upper.file(java + "lib/libjli.so", ArmElf.of().soname("libjli.so").needs("libc.so.6").bytes());
    upper.file(
        java + "lib/server/libjvm.so", ArmElf.of().soname("libjvm.so").needs("libc.so.6").bytes());
    upper.text(java + "release", "JAVA_VERSION=\"" + javaVersion + "\"\n");
    base.layers.add(upper.bytes());
    return base;
  }

  static void pushIndex(
      TestRegistry registry, String repository, String tag, List<Descriptor> manifests)
      throws IOException, InterruptedException {
    byte[] index = new Index(MediaTypes.INDEX, manifests, Map.of()).write();
    registry.manifest(repository, tag, MediaTypes.INDEX, index);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /// A tar with whatever is asked for, deletions too.
  static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

    Tar text(String path, String content) throws IOException {
      return file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    Tar file(String path, byte[] content) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(path, true);
      entry.setModTime(0);
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    }

    Tar directory(String path) throws IOException {
      return entry(new TarArchiveEntry(path + "/", TarConstants.LF_DIR), "");
    }

    Tar link(String path, String target) throws IOException {
      return entry(new TarArchiveEntry(path, TarConstants.LF_SYMLINK), target);
    }

    Tar hardLink(String path, String target) throws IOException {
      return entry(new TarArchiveEntry(path, TarConstants.LF_LINK), target);
    }

    private Tar entry(TarArchiveEntry entry, String target) throws IOException {
      entry.setModTime(0);
      entry.setLinkName(target);
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
      return this;
    }

    byte[] bytes() throws IOException {
      tar.close();
      return bytes.toByteArray();
    }
  }

  static Path dockerConfig(Path directory, String host, String account) throws IOException {
    String auth =
        java.util.Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(directory);
    ObjectNode config = Json.object();
    config.putObject("auths").putObject(host).put("auth", auth);
    Files.write(directory.resolve("config.json"), Json.pretty(config));
    return directory;
  }
}
