package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The main paths against a registry that people run.
class DockerRegistryTest {
  @TempDir Path temp;
  private Process process;
  private String host;
  private LayoutStore layout;
  private Descriptor image;

  @BeforeEach
  void start() throws Exception {
    for (String program : List.of("docker-registry", "skopeo")) {
      assumeTrue(Files.exists(Path.of("/usr/bin", program)), program + " is missing");
    }
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    host = "127.0.0.1:" + port;
    Path settings = temp.resolve("registry.yml");
    Files.writeString(
        settings,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "%s"}
        """
            .formatted(temp.resolve("data"), host));
    process =
        new ProcessBuilder("docker-registry", "serve", settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("registry.log").toFile())
            .start();
    awaitPort(port);
    layout = LayoutStore.create(temp.resolve("layout"));
    byte[] weights = new byte[20 << 20];
    new Random(1).nextBytes(weights);
    Descriptor layer = layout.blob(MediaTypes.LAYER_TAR, weights);
    image = write(layout.blob(MediaTypes.CONFIG, "{}".getBytes(UTF_8)), List.of(layer), null);
    Descriptor said = write(layout.blob(MediaTypes.EMPTY, "{}".getBytes(UTF_8)), List.of(), image);
    layout.referrer(said, layout.manifest(said));
    layout.tag("iris:1.0.0", image);
  }

  private Descriptor write(Descriptor config, List<Descriptor> layers, @Nullable Descriptor subject)
      throws IOException {
    byte[] bytes =
        new Manifest(MediaTypes.MANIFEST, null, config, layers, subject, Map.of()).write();
    Descriptor descriptor = Descriptor.of(MediaTypes.MANIFEST, bytes);
    layout.manifest(descriptor, bytes);
    return descriptor;
  }

  /// Connecting fails at once until somebody listens.
  private void awaitPort(int port) throws Exception {
    while (process.isAlive()) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(socket.isConnected()).isTrue();
        return;
      } catch (IOException e) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
    }
    throw new IOException(Files.readString(temp.resolve("registry.log")));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (process != null) {
      process.destroy();
      process.waitFor();
    }
  }

  private RegistryStore store(String repository) throws IOException {
    return new Registries(Registries.Options.of(Map.of())).open(host, repository);
  }

  @Test
  void anImageGoesThereToAnotherRepositoryAndBack() throws Exception {
    Copy.Report sent = Copy.copy(layout, image, store("dev/iris"), CopyLog.SILENT);
    store("dev/iris").tag("1.0.0", image);
    assertThat(sent.bytesWritten()).isGreaterThan(20 << 20);

    Copy.Report mounted = Copy.copy(store("dev/iris"), image, store("prod/iris"), CopyLog.SILENT);
    store("prod/iris").tag("prod", image);
    assertThat(mounted.blobsReused()).isEqualTo(mounted.blobs());

    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    Descriptor found = store("prod/iris").resolve("prod");
    Copy.Report read = Copy.copy(store("prod/iris"), found, back, CopyLog.SILENT);
    assertThat(found.digest()).isEqualTo(image.digest());
    assertThat(read.referrers()).isEqualTo(1);
    assertThat(store("prod/iris").tags()).contains("prod");
  }

  @Test
  void skopeoReadsWhatIsPushedAndTheOtherWayRound() throws Exception {
    Copy.copy(layout, image, store("ml/iris"), CopyLog.SILENT);
    store("ml/iris").tag("1.0.0", image);
    skopeo(
        "copy",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "docker://" + host + "/ml/iris:1.0.0",
        "docker://" + host + "/ml/theirs:1");
    assertThat(store("ml/theirs").resolve("1").digest()).isEqualTo(image.digest());
  }

  private static void skopeo(String... words) throws Exception {
    var command = new java.util.ArrayList<String>(List.of("skopeo"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(new String(out, UTF_8)).isZero();
  }
}
