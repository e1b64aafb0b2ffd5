package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.TestBase.Form;
import dev.mlo.cli.build.TestBase.Tar;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerEntries;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The runner image on bases in a real registry.
final class RegistryBaseTest {
  @TempDir Path temporary;

  private Installation installation = new Installation(Path.of(""));
  private AutoCloseable opened = () -> {};

  @BeforeEach
  void install() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
  }

  @AfterEach
  void close() throws Exception {
    opened.close();
  }

  private TestRegistry registry() throws IOException {
    TestRegistry registry = TestRegistry.start(temporary.resolve("registry"));
    opened = registry;
    return registry;
  }

  private RunnerImage.Built build(Installation where, String base) throws IOException {
    return build(where, base, Map.of("DOCKER_CONFIG", temporary.resolve("none").toString()));
  }

  private static RunnerImage.Built build(
      Installation where, String base, Map<String, String> environment) throws IOException {
    return new RunnerImage(where, BuildLog.SILENT)
        .build(Fixture.on(base, TestBase.AMD64, environment));
  }

  private Failure refused(String base) {
    return catchThrowableOfType(Failure.class, () -> build(installation, base));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void imageStandsOnEveryFormOfBase(Form form) throws Exception {
    TestRegistry registry = registry();
    Descriptor base = TestBase.withGlibc(installation).push(registry, "team/debian", "12", form);
    String reference = registry.host() + "/team/debian:12";

    RunnerImage.Built built = build(installation, reference);

    assertThat(built.baseDigest()).isEqualTo(base.digest());
    LayoutStore store = LayoutStore.open(installation.store());
    Manifest manifest = Manifest.parse(store.manifest(built.image()));
    ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
    assertThat(manifest.layers())
        .extracting(layer -> layer.annotations().get(Labels.LAYER_ROLE))
        .containsExactly("base", "base", "base", "jre", "runner");
    assertThat(manifest.layers().getFirst().mediaType())
        .isEqualTo(form.gzip ? MediaTypes.LAYER_TAR_GZIP : MediaTypes.LAYER_TAR);
    for (int i = 0; i < manifest.layers().size(); i++) {
      try (var layer = store.blob(manifest.layers().get(i))) {
        assertThat(LayerEntries.walk(layer, LayerReader.Limits.DEFAULT, (_, _) -> {}).diffId())
            .isEqualTo(config.diffIds().get(i));
      }
    }
    assertThat(config.user()).isEqualTo("65532:65532");
    assertThat(config.environment())
        .containsExactly(
            "PATH=/opt/mlo/jre/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG=C.UTF-8",
            "ORT_DISABLE_TELEMETRY=1",
            "TZ=Europe/Berlin");
    assertThat(config.labels())
        .containsEntry("dev.mlo.base", reference)
        .containsEntry("dev.mlo.base.digest", base.digest().toString())
        .containsEntry("vendor", "Example")
        .doesNotContainKey("org.opencontainers.image.version");
    assertThat(new String(config.write(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"WorkingDir\":\"/\"")
        .doesNotContain("\"Cmd\"", "nowhere");
  }

  @Test
  void additionsKeepTheUsersOfTheBase() throws Exception {
    TestRegistry registry = registry();
    TestBase.withGlibc(installation).push(registry, "debian", "12", Form.OCI_GZIP);
    RunnerImage.Built built = build(installation, registry.host() + "/debian:12");
    LayoutStore store = LayoutStore.open(installation.store());
    Path root = temporary.resolve("root");
    try (var layer = store.blob(built.layers().get(2).descriptor())) {
      LayerReader.unpack(layer, root, LayerReader.Limits.DEFAULT);
    }
    assertThat(Files.readString(root.resolve("etc/passwd")))
        .isEqualTo(
            "bob:x:1000:1000::/:/bin/sh\nmlo:x:65532:65532:mlo:/var/lib/mlo:/sbin/nologin\n");
    assertThat(Files.readString(root.resolve("etc/group"))).isEqualTo("root:x:0:\nmlo:x:65532:\n");
    assertThat(root.resolve("models")).isEmptyDirectory();
    assertThat(root.resolve("usr/lib/locale/en_US.utf8/LC_CTYPE")).exists();
    assertThat(root.resolve("usr/lib/locale/en_US/LC_CTYPE")).exists();
  }

  @Test
  void digestIsTheSameWarmColdAndByDigestOfTheTag() throws Exception {
    TestRegistry registry = registry();
    Descriptor base =
        TestBase.withGlibc(installation).push(registry, "debian", "12", Form.OCI_GZIP);
    String reference = registry.host() + "/debian:12";
    RunnerImage.Built bundled = build(installation, RunnerImage.BUNDLED);

    RunnerImage.Built cold = build(installation, reference);
    RunnerImage.Built warm = build(installation, reference);
    Installation other = Fixture.installation(temporary.resolve("elsewhere"));
    RunnerImage.Built elsewhere = build(other, reference + "@" + base.digest());

    assertThat(warm.image()).isEqualTo(cold.image());
    assertThat(cold.layers().getFirst().reused()).isFalse();
    assertThat(warm.layers()).allMatch(Layer::reused);
    assertThat(elsewhere.image()).isEqualTo(cold.image());
    assertThat(cold.image()).isNotEqualTo(bundled.image());
    assertThat(build(installation, RunnerImage.BUNDLED).image()).isEqualTo(bundled.image());
    assertThat(left(installation.home())).isEmpty();
  }

  private static List<Path> left(Path home) throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).toList();
    }
  }

  @Test
  void anIndexIsAskedForThePlatform() throws Exception {
    TestRegistry registry = registry();
    TestBase base = TestBase.withGlibc(installation);
    Descriptor ours = base.push(registry, "debian", "amd64", Form.OCI_GZIP);
    base.platform = new Platform("linux", "arm64");
    Descriptor theirs = base.push(registry, "debian", "arm64", Form.OCI_GZIP);
    TestBase.pushIndex(registry, "debian", "both", List.of(theirs, ours));
    TestBase.pushIndex(registry, "debian", "other", List.of(theirs));

    assertThat(refused(registry.host() + "/debian:other").why()).asString().contains("linux/amd64");
    assertThat(refused(registry.host() + "/debian:arm64").why()).asString().contains("linux/arm64");
    assertThat(installation.store()).doesNotExist();
    assertThat(build(installation, registry.host() + "/debian:both").baseDigest())
        .isEqualTo(ours.digest());
  }

  @Test
  void whatCannotBeStoodOnIsRefusedBeforeAnythingIsWritten() throws Exception {
    TestRegistry registry = registry();
    String libc = TestBase.libc(installation);
    String folder = libc.substring(0, libc.lastIndexOf('/') + 1);
    byte[] old = Files.readAllBytes(Path.of("/lib64/ld-linux-x86-64.so.2"));
    Map<String, TestBase> bases = new LinkedHashMap<>();
    bases.put("musl", new TestBase().with(new Tar().text("lib/ld-musl-x86_64.so.1", "musl")));
    bases.put("no C library", new TestBase().with(new Tar().text("etc/motd", "hello")));
    bases.put(
        "lacks the library libc.so.6",
        TestBase.withGlibc(installation).with(new Tar().text(folder + ".wh.libc.so.6", "")));
    bases.put("older there", TestBase.withGlibc(installation).with(new Tar().file(libc, old)));
    bases.put(
        "image of mlo itself",
        TestBase.withGlibc(installation).with(new Tar().text("opt/mlo/runner/a.jar", "a")));
    bases.put(
        "files in /models",
        TestBase.withGlibc(installation).with(new Tar().text("models/m.onnx", "m")));
    bases.put(
        "/var/lib/mlo is no directory",
        TestBase.withGlibc(installation).with(new Tar().link("var", "/srv")));

    for (var base : bases.entrySet()) {
      base.getValue().push(registry, "base", "1", Form.OCI_GZIP);
      Failure failure = refused(registry.host() + "/base:1");
      assertThat(failure).as(base.getKey()).isNotNull();
      assertThat(failure.code()).as(base.getKey()).isEqualTo(ExitCode.USAGE);
      assertThat(failure.why()).as(base.getKey()).asString().contains(base.getKey());
      assertThat(failure.hint()).as(base.getKey()).contains("mlo runner build --base");
    }
    assertThat(installation.store()).doesNotExist();
    assertThat(left(installation.home())).isEmpty();
  }

  @Test
  void layersThatAreNotWhatTheConfigurationNamesAreDamage() throws Exception {
    TestRegistry registry = registry();
    TestBase base = TestBase.withGlibc(installation);
    ImageConfig lying =
        ImageConfig.of(TestBase.AMD64, ImageConfig.EPOCH, base.run)
            .withLayer(Digest.sha256(base.layers.get(1)), "")
            .withLayer(Digest.sha256(base.layers.get(0)), "");
    base.push(registry, "base", "1", Form.OCI_GZIP, lying);
    assertThat(refused(registry.host() + "/base:1").code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(installation.store()).doesNotExist();
  }

  @Test
  void registryWithAccountsIsAskedWithThoseOfDocker() throws Exception {
    TestRegistry registry = TestRegistry.withAccount(temporary.resolve("registry"));
    opened = registry;
    TestBase.withGlibc(installation).push(registry, "base", "1", Form.OCI_GZIP);
    String base = registry.host() + "/base:1";

    assertThatThrownBy(() -> build(installation, base))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("authentication required");

    Path wrong = TestBase.dockerConfig(temporary.resolve("wrong"), registry.host(), "alice:guess");
    assertThatThrownBy(() -> build(installation, base, Map.of("DOCKER_CONFIG", wrong.toString())))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("alice")
        .hasMessageNotContaining("guess");

    Path home = temporary.resolve("user");
    TestBase.dockerConfig(home.resolve(".docker"), registry.host(), TestRegistry.ACCOUNT);
    assertThat(build(installation, base, Map.of("HOME", home.toString())).base()).isEqualTo(base);
  }

  @Test
  void whatIsNotThereIsToldFromWhoIsNotThere() throws Exception {
    TestRegistry registry = registry();
    String missing = registry.host() + "/base:1";
    assertThatThrownBy(() -> build(installation, missing))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(missing);

    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThatThrownBy(() -> build(installation, "127.0.0.1:" + free + "/base:1"))
        .isInstanceOf(UnavailableException.class);
    assertThat(refused("scratch").code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused("No Name").code()).isEqualTo(ExitCode.USAGE);
  }
}
