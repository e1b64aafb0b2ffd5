package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.TestBase.Tar;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runner images on bases in OCI layouts, for this machine's platform and for another.
final class LayoutBaseTest {
  @TempDir Path temporary;

  private Installation installation = new Installation(Path.of(""));

  @BeforeEach
  void install() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
  }

  private RunnerImage.Built build(String base, Platform platform) throws IOException {
    return new RunnerImage(installation, BuildLog.SILENT).build(Fixture.on(base, platform));
  }

  private Failure refused(String base, Platform platform) {
    Failure failure =
        Objects.requireNonNull(catchThrowableOfType(Failure.class, () -> build(base, platform)));
    assertThat(installation.store()).doesNotExist();
    return failure;
  }

  private String layout(TestBase... bases) throws IOException {
    return "oci:" + TestBase.layout(temporary.resolve("bases"), "debian", bases) + ":debian";
  }

  @Test
  void ofSeveralPlatformsTheOneThatIsAskedForIsTaken() throws IOException {
    String base = layout(TestBase.withGlibc(installation), TestBase.withJava("25.0.1"));

    RunnerImage.Built here = build(base, TestBase.AMD64);
    RunnerImage.Built there = build(base, TestBase.ARM64);

    assertThat(here.java()).isNull();
    assertThat(here.layers()).extracting(Layer::role).contains("jre");
    assertThat(there.java()).isEqualTo("25.0.1, /opt/java/openjdk of the base");
    assertThat(there.layers())
        .extracting(Layer::role)
        .containsExactly("base", "base", "base", "runner");
    LayoutStore store = LayoutStore.open(installation.store());
    Manifest manifest = Manifest.parse(store.manifest(there.image()));
    ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
    assertThat(config.platform()).isEqualTo(TestBase.ARM64);
    assertThat(config.entrypoint().getFirst()).isEqualTo("/opt/java/openjdk/bin/java");
    assertThat(config.environment())
        .contains("PATH=/opt/java/openjdk/bin:/usr/local/bin:/usr/bin:/bin")
        .noneMatch(variable -> variable.startsWith("JAVA_HOME"));
    assertThat(config.labels())
        .containsEntry("dev.mlo.base", "oci:debian")
        .containsEntry("dev.mlo.base.glibc", "2.36");
    assertThat(new RunnerStore(installation).list())
        .extracting(RunnerStore.Listed::platform, RunnerStore.Listed::inUse)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(TestBase.AMD64, true),
            org.assertj.core.groups.Tuple.tuple(TestBase.ARM64, true));
  }

  @Test
  void theEngineForAnotherPlatformHasItsLibraries() throws IOException {
    RunnerImage.Built built = build(layout(TestBase.withJava("25")), TestBase.ARM64);
    Descriptor engine = Objects.requireNonNull(built.engines().get("onnx"));
    Path out = temporary.resolve("out");
    LayoutStore store = LayoutStore.open(installation.store());
    try (var layer = store.blob(engine)) {
      LayerReader.unpack(layer, engine.digest(), out, LayerReader.Limits.DEFAULT);
    }
    Path onnx = out.resolve("opt/mlo/backends/onnx");
    assertThat(onnx.resolve("engine.jar")).exists();
    assertThat(Elf.read(onnx.resolve("native/libengine.so")))
        .hasValueSatisfying(elf -> assertThat(elf.processor()).isEqualTo(Processor.AARCH64));
    assertThat(engine.annotations()).containsEntry(Labels.LAYER_FORMAT, "onnx");
  }

  @Test
  void whereTheLayoutLiesChangesNoDigest() throws IOException {
    RunnerImage.Built one = build(layout(TestBase.withJava("25")), TestBase.ARM64);
    Path elsewhere = TestBase.layout(temporary.resolve("other"), "debian", TestBase.withJava("25"));
    Installation other = Fixture.installation(temporary.resolve("home2"));
    RunnerImage.Built again =
        new RunnerImage(other, BuildLog.SILENT)
            .build(Fixture.on("oci:" + elsewhere + ":debian", TestBase.ARM64));
    assertThat(again.layers().stream().map(Layer::diffId))
        .containsExactlyElementsOf(one.layers().stream().map(Layer::diffId).toList());
    assertThat(again.image()).isEqualTo(one.image());
    RunnerImage.Request wet = Fixture.on("oci:" + elsewhere + ":debian", TestBase.ARM64);
    RunnerImage.Request dry =
        new RunnerImage.Request(wet.base(), wet.platform(), wet.places(), wet.created(), true);
    Installation third = Fixture.installation(temporary.resolve("home3"));
    assertThat(new RunnerImage(third, BuildLog.SILENT).build(dry).image()).isEqualTo(one.image());
    assertThat(third.store()).doesNotExist();
  }

  @Test
  void basesThatCannotServeAreRefusedWithTheReason() throws IOException {
    assertThat(refused(RunnerImage.BUNDLED, TestBase.ARM64).hint())
        .contains("--platform linux/arm64 --base");
    assertThat(refused(layout(TestBase.withJava("21.0.9")), TestBase.ARM64).why().getFirst())
        .contains("21.0.9", "needs Java 25");
    TestBase noJava = TestBase.withJava("25");
    noJava.layers.removeLast();
    assertThat(refused(again(noJava), TestBase.ARM64).why().getFirst()).contains("it has no Java");
    TestBase mixed =
        TestBase.withJava("25")
            .with(
                new Tar()
                    .file(
                        "usr/lib/aarch64-linux-gnu/libc.so.6",
                        ArmElf.of(62).soname("libc.so.6").bytes()));
    assertThat(refused(again(mixed), TestBase.ARM64).why().getFirst())
        .contains("libc.so.6` is for x86-64, not for 64-bit ARM");
    TestBase poor = TestBase.withJava("25");
    poor.with(new Tar().text("usr/lib/aarch64-linux-gnu/.wh.libstdc++.so.6", ""));
    assertThat(refused(again(poor), TestBase.ARM64).why().getFirst())
        .contains("it lacks the library libstdc++.so.6", "libengine.so");
    assertThat(refused(again(TestBase.withJava("25")), TestBase.AMD64).why().getFirst())
        .contains("it is for linux/arm64, not for linux/amd64");
    assertThat(refused(RunnerImage.BUNDLED, new Platform("linux", "s390x")).code())
        .isEqualTo(ExitCode.USAGE);
  }

  private int layouts;

  private String again(TestBase base) throws IOException {
    return "oci:" + TestBase.layout(temporary.resolve("base" + layouts++), "debian", base);
  }

  @Test
  void anInstallationWithoutTheLibrariesSaysSo() throws IOException {
    Files.delete(installation.natives().resolve("linux-arm64/onnx/libengine.so"));
    Files.delete(installation.natives().resolve("linux-arm64/onnx"));
    Failure failure = refused(layout(TestBase.withJava("25")), TestBase.ARM64);
    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.why().getFirst()).contains("onnx", "natives/linux-arm64");
  }

  @Test
  void hostileLayoutsEndInOneMessage() throws IOException {
    Path directory = TestBase.layout(temporary.resolve("l"), "debian", TestBase.withJava("25"));
    LayoutStore layout = LayoutStore.open(directory);
    Descriptor root = layout.resolve("debian");
    Path blob = directory.resolve("blobs/sha256").resolve(root.digest().hex());
    byte[] whole = Files.readAllBytes(blob);
    Files.delete(blob);
    assertThatThrownBy(() -> build("oci:" + directory, TestBase.ARM64))
        .isInstanceOf(NotFoundException.class);
    whole[whole.length / 2] ^= 1;
    Files.write(blob, whole);
    assertThatThrownBy(() -> build("oci:" + directory, TestBase.ARM64))
        .isInstanceOf(DigestMismatchException.class);
    whole[whole.length / 2] ^= 1;
    Files.delete(blob);
    Files.write(blob, whole);
    Descriptor layer = Manifest.parse(whole).layers().getFirst();
    Path bytes = directory.resolve("blobs/sha256").resolve(layer.digest().hex());
    byte[] damaged = Files.readAllBytes(bytes);
    damaged[600] ^= 1;
    Files.delete(bytes);
    Files.write(bytes, damaged);
    assertThatThrownBy(() -> build("oci:" + directory, TestBase.ARM64))
        .isInstanceOf(OciException.class);
    byte[] nested =
        new Index(
                MediaTypes.INDEX,
                List.of(Descriptor.of(MediaTypes.INDEX, new byte[2]).withPlatform(TestBase.ARM64)),
                Map.of())
            .write();
    Descriptor index = Descriptor.of(MediaTypes.INDEX, nested);
    layout.manifest(index, nested);
    layout.tag("nested", index);
    assertThat(refused("oci:" + directory + ":nested", TestBase.ARM64).why().getFirst())
        .contains("is no image");
    assertThat(refused("oci:" + directory, TestBase.ARM64).why().getFirst())
        .contains("it may be debian, nested");
    assertThatThrownBy(() -> build("oci:" + temporary.resolve("none"), TestBase.ARM64))
        .isInstanceOf(NotFoundException.class);
    assertThat(installation.store()).doesNotExist();
  }
}
