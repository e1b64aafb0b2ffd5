package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.attest.Attachment;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runner images that one installation made and another uses.
final class RunnerUseTest {
  @TempDir Path temporary;

  private Installation maker = new Installation(Path.of(""));
  private Installation member = new Installation(Path.of(""));

  @BeforeEach
  void install() throws IOException {
    maker = Fixture.installation(temporary.resolve("maker"));
    member = Fixture.installation(temporary.resolve("member"));
    RunnerImage runner = new RunnerImage(maker, BuildLog.SILENT);
    runner.build(Fixture.onBundled());
    Path base = TestBase.layout(temporary.resolve("base"), "java", TestBase.withJava("25"));
    runner.build(Fixture.on("oci:" + base, TestBase.ARM64));
  }

  /// What `mlo runner push oci:…` does.
  private String pushed() throws IOException {
    LayoutStore team = LayoutStore.create(temporary.resolve("team"));
    try (Images.Located runner = new RunnerPush(maker).collect(List.of())) {
      Copy.copy(runner.source(), runner.root(), team, CopyLog.SILENT);
      team.tag("runner", runner.root());
    }
    return "oci:" + team.directory() + ":runner";
  }

  private RunnerUse.Result use(Installation where, String wanted, boolean dryRun)
      throws IOException {
    return new RunnerUse(where, CopyLog.SILENT).use(wanted, Images.in(temporary), dryRun);
  }

  private Failure refused(String wanted) throws IOException {
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> use(member, wanted, false)));
    assertThat(new RunnerStore(member).list()).isEmpty();
    return failure;
  }

  @Test
  void anotherInstallationBuildsTheSameDigests() throws IOException {
    RunnerUse.Result used = use(member, pushed(), false);
    assertThat(used.images())
        .extracting(RunnerUse.Used::platform)
        .containsExactly(TestBase.AMD64, TestBase.ARM64);
    assertThat(new RunnerStore(member).list()).isEqualTo(new RunnerStore(maker).list());
    Digest here = Fixture.build(maker, Fixture.iris(temporary.resolve("one"))).digest();
    assertThat(Fixture.build(member, Fixture.iris(temporary.resolve("two"))).digest())
        .isEqualTo(here);
    assertThat(use(member, used.root().toString(), false).images())
        .noneMatch(RunnerUse.Used::changed);
  }

  @Test
  void aDryRunChangesNothing() throws IOException {
    RunnerUse.Result tried = use(member, pushed(), true);
    assertThat(tried.images()).hasSize(2).allMatch(RunnerUse.Used::changed);
    assertThat(member.store()).doesNotExist();
  }

  @Test
  void oneThatIsHereIsChosenByTheBeginningOfItsDigest() throws IOException {
    Digest bundled = new RunnerStore(maker).list().getFirst().digest();
    Path base = TestBase.layout(temporary.resolve("glibc"), "a", TestBase.withGlibc(maker));
    RunnerImage.Built other =
        new RunnerImage(maker, BuildLog.SILENT).build(Fixture.on("oci:" + base, TestBase.AMD64));
    assertThat(new RunnerStore(maker).list()).hasSize(3);
    assertThat(new RunnerStore(maker).list().getFirst().digest()).isEqualTo(other.image().digest());
    use(maker, bundled.brief(), false);
    assertThat(new RunnerStore(maker).list().getFirst().digest()).isEqualTo(bundled);
    Failure unknown =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> use(maker, "0123456789abcdef", false)));
    assertThat(unknown.code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  /// A layout whose image is the runner image with another configuration, and what is beside it.
  private String altered(String label, String value, boolean engines) throws IOException {
    RunnerStore.Stored runner = new RunnerStore(maker).inUse(TestBase.AMD64).orElseThrow();
    LayoutStore layout = LayoutStore.create(temporary.resolve("altered-" + label));
    ImageConfig config = runner.config().withLabel(label, value);
    for (Descriptor layer : runner.manifest().layers()) {
      layout.blob(layer, runner.store());
    }
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, config.write()),
                runner.manifest().layers(),
                null,
                Map.of())
            .write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    layout.manifest(image, manifest);
    layout.tag("runner", image);
    if (engines) {
      Descriptor engine = Objects.requireNonNull(runner.engines().get("onnx")).layer();
      layout.blob(engine, runner.store());
      Attachment.attach(
          layout, image, RunnerStore.ENGINE_TYPE, engine, Map.of(Labels.LAYER_FORMAT, "onnx"));
    }
    return "oci:" + layout.directory();
  }

  @Test
  void whatIsNoRunnerImageThatGoesWithThisOneIsRefused() throws IOException {
    assertThat(refused(altered("x", "y", false)).why().getFirst())
        .isEqualTo("its engines are not beside it: onnx");
    assertThat(refused(altered(Labels.CARD, "{}", true)).why().getFirst())
        .isEqualTo("it is the image of a model");
    Failure old = refused(altered(Labels.RUNNER_VERSION, "9.0.0", true));
    assertThat(old.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(old.why().getFirst()).startsWith("it is of mlo 9.0.0, this is ");
    assertThat(refused(altered(Labels.RUNNER_ENGINES, "", true)).why().getFirst())
        .isEqualTo("it names no engine");
    assertThat(refused("oci:" + temporary.resolve("base")).why().getFirst())
        .contains("no label dev.mlo.runner.version");
    assertThat(refused("iris:1.0.0").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void anEngineThatSomebodyElseAttachedDoesNotCount() throws IOException {
    String place = altered("z", "y", true);
    LayoutStore layout = LayoutStore.open(temporary.resolve("altered-z"));
    Descriptor image = layout.resolve("runner");
    byte[] evil = "evil".getBytes(StandardCharsets.UTF_8);
    Attachment.attach(
        layout,
        image,
        RunnerStore.ENGINE_TYPE,
        layout.blob(MediaTypes.LAYER_TAR, evil),
        Map.of(Labels.LAYER_FORMAT, "onnx"));
    use(member, place, false);
    Digest engine =
        Objects.requireNonNull(new RunnerStore(maker).list().getFirst().engines().get("onnx"));
    assertThat(new RunnerStore(member).list().getFirst().engines()).containsValue(engine);
  }

  @Test
  void versionsGoTogetherAsNumbersSay() {
    String ours = Installation.version();
    assertThat(RunnerStore.goesWith(ours)).isTrue();
    String minor = ours.replaceFirst("\\.\\d+([^.]*)$", ".99");
    assertThat(RunnerStore.goesWith(minor)).isTrue();
    assertThat(RunnerStore.goesWith("0.99.0")).isFalse();
    assertThat(RunnerStore.goesWith("")).isFalse();
  }
}
