package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.GitState;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.ImageAnnotations;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes one image of a project: the shared runner image, the engine of the model's format, the
/// model. The image's digest depends on the model's files, on what the manifest says of the model,
/// and on the runner and engine; on nothing else.
public final class ImageBuild {
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  /// @param names more tags, or names with a tag, beside the version
  /// @param platform `null`: this machine's
  /// @param created for the image's configuration
  /// @param dryRun only find out the digest
  public record Request(
      Project project,
      List<String> names,
      @Nullable Platform platform,
      String created,
      boolean dryRun) {}

  /// @param name `NAME:VERSION`
  /// @param names all that point at the image now, with that one
  /// @param replaced what `name` pointed at before, where that was another image
  /// @param attached how many statements and bills of materials about the image are new
  public record Result(
      String name,
      List<String> names,
      Descriptor image,
      ModelCard card,
      List<Layer> layers,
      @Nullable Digest replaced,
      boolean unchanged,
      int attached,
      boolean dryRun) {
    public Result {
      names = List.copyOf(names);
      layers = List.copyOf(layers);
    }

    public long bytesWritten() {
      return layers.stream().filter(l -> !l.reused()).mapToLong(l -> l.descriptor().size()).sum();
    }

    public long bytesReused() {
      return layers.stream().filter(Layer::reused).mapToLong(l -> l.descriptor().size()).sum();
    }

    public long layersReused() {
      return layers.stream().filter(Layer::reused).count();
    }

    public Digest digest() {
      return image.digest();
    }

    Result withAttached(int number) {
      return new Result(name, names, image, card, layers, replaced, unchanged, number, dryRun);
    }
  }

  private final Installation installation;
  private final BuildLog log;

  public ImageBuild(Installation installation, BuildLog log) {
    this.installation = installation;
    this.log = log;
  }

  /// @throws Failure MANIFEST when the model, its examples or its manifest do not fit together;
  ///   then nothing was written
  public Result build(Request request) throws IOException {
    Project project = request.project;
    ModelFiles model = ModelFiles.of(project);
    Signature signature = signature(project, model);
    Examples examples = Examples.of(project, signature, model.description().unranked());
    requireTags(request.names);
    RunnerImage.Stored runner = runner(request);
    Descriptor engine = engine(runner, model.description().format());
    model.description().notes().forEach(log::note);
    @Nullable GitState git = GitState.of(project.directory());

    LayerPlace place = place(request);
    BuildIndex index = BuildIndex.read(project.workspace().root().resolve("build-index.json"));
    Contents contents = new Contents(place, index);
    contents.read(model.files());
    ModelCard card = card(project, git, model, signature, examples, contents);
    List<Layer> layers = lower(place, runner, engine);
    layers.addAll(contents.layers(Json.pretty(card), examples));
    Result result = publish(request, place, card, config(request, runner, card, layers), layers);
    @Nullable LayoutStore store = place.store();
    if (store == null) {
      return result;
    }
    index.write();
    ImageEvidence evidence = new ImageEvidence(store, result.image, runner, engine);
    return result.withAttached(evidence.attach(project, card, request.created, git));
  }

  private static Signature signature(Project project, ModelFiles model) {
    String found = model.description().format();
    String declared = project.model().format();
    if (declared != null && !declared.equals(found)) {
      throw Failure.of(
          ExitCode.MANIFEST,
          "the manifest says that the model's format is %s, the file is %s"
              .formatted(declared, found));
    }
    return model.description().declared(project.model().inputs(), project.model().outputs());
  }

  private static void requireTags(List<String> names) {
    for (String name : names) {
      if (!TAG.matcher(name).matches()) {
        throw Failure.of(ExitCode.USAGE, "`" + name + "` is no tag")
            .why("expected letters, digits, `.`, `_` and `-`, at most 128")
            .hint("mlo build --tag latest");
      }
    }
  }

  private RunnerImage.Stored runner(Request request) throws IOException {
    RunnerImage images = new RunnerImage(installation, log);
    RunnerImage.Stored runner =
        request.dryRun
            ? images
                .stored()
                .orElseThrow(() ->
                    Failure.of(ExitCode.NOT_FOUND, "there is no shared runner image yet")
                        .why("a dry run writes nothing, so it cannot make one")
                        .hint("mlo runner build"))
            : images.ensure(request.created);
    Platform made = runner.config().platform();
    if (request.platform != null && !request.platform.equals(made)) {
      throw Failure.of(ExitCode.USAGE, "an image for " + request.platform + " cannot be made here")
          .why("the runner image of this installation is for " + made)
          .hint("run `mlo build` on a machine of that platform");
    }
    requirePinned(request.project.image().runner(), runner);
    return runner;
  }

  private static void requirePinned(@Nullable String pinned, RunnerImage.Stored runner)
      throws IOException {
    Digest installed = runner.image().digest();
    if (pinned != null && !pinned.endsWith(installed.toString())) {
      throw Failure.of(ExitCode.MANIFEST, "the manifest pins another runner image")
          .why("`image.runner` is " + pinned + ", this installation has " + installed)
          .why("that one stands on the base " + runner.base())
          .hint(
              "mlo runner build --base BASE, with the base and the version of mlo of the pinned"
                  + " one; or set `runner: default`");
    }
  }

  private static Descriptor engine(RunnerImage.Stored runner, String format) {
    Descriptor engine = runner.engines().get(format);
    if (engine == null) {
      throw Failure.of(ExitCode.MANIFEST, "there is no engine for models in the format " + format)
          .why("this installation has " + String.join(", ", runner.engines().keySet()));
    }
    return engine;
  }

  private LayerPlace place(Request request) throws IOException {
    var store = request.project.workspace().store();
    if (request.dryRun) {
      return LayerPlace.trying(store, log);
    }
    Files.createDirectories(request.project.workspace().root());
    return LayerPlace.writing(LayoutStore.create(store), log);
  }

  private static ModelCard card(
      Project project,
      @Nullable GitState git,
      ModelFiles model,
      Signature signature,
      Examples examples,
      Contents contents)
      throws IOException {
    List<ModelCard.File> files = contents.files();
    ModelCard unnamed =
        new ModelCard(
            ModelCard.SCHEMA,
            project.name(),
            project.version() == null ? "" : project.version(),
            project.description(),
            project.license(),
            project.authors(),
            project.labels(),
            model.description().format(),
            model.entry(),
            signature,
            project.model().parameters(),
            files,
            ModelCard.digest(files),
            examples.cards(),
            project.serve(),
            contents.provenance(project));
    return project.version() == null
        ? unnamed.withVersion(version(project, git, unnamed))
        : unnamed;
  }

  /// A version for a model whose manifest gives none: git's, else one made of the content.
  private static String version(Project project, @Nullable GitState git, ModelCard unnamed) {
    @Nullable String described = git == null ? null : git.version();
    return described == null || project.environment(described).isPresent()
        ? Digest.sha256(Json.compact(unnamed)).brief()
        : described;
  }

  /// The layers below the model's, in order: of the runner image, then the engine.
  private static List<Layer> lower(LayerPlace place, RunnerImage.Stored runner, Descriptor engine)
      throws IOException {
    var layers = new ArrayList<Layer>();
    List<Digest> diffIds = runner.config().diffIds();
    List<Descriptor> descriptors = runner.manifest().layers();
    for (int i = 0; i < descriptors.size(); i++) {
      Descriptor layer = descriptors.get(i);
      String role = layer.annotations().getOrDefault(Labels.LAYER_ROLE, Labels.ROLE_BASE);
      layers.add(place.take(role, layer, diffIds.get(i), runner.store()));
    }
    layers.add(
        place.take(
            "engine " + engine.annotations().getOrDefault(Labels.LAYER_FORMAT, ""),
            engine,
            engine.digest(),
            runner.store()));
    return layers;
  }

  private static ImageConfig config(
      Request request, RunnerImage.Stored runner, ModelCard card, List<Layer> layers)
      throws IOException {
    ImageConfig config =
        runner
            .config()
            .withCreated(request.created)
            .withLabel(Labels.RUNNER_DIGEST, runner.image().digest().toString())
            .withLabel(Labels.CARD, new String(Json.compact(card), StandardCharsets.UTF_8));
    for (Layer layer : layers.subList(runner.manifest().layers().size(), layers.size())) {
      config = config.withLayer(layer.diffId(), "mlo: " + layer.what());
    }
    return config;
  }

  private Result publish(
      Request request, LayerPlace place, ModelCard card, ImageConfig config, List<Layer> layers)
      throws IOException {
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            place.document(MediaTypes.CONFIG, config.write()),
            layers.stream().map(Layer::descriptor).toList(),
            null,
            ImageAnnotations.of(card, request.created));
    byte[] bytes = manifest.write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, bytes).withPlatform(config.platform());
    String name = card.name() + ":" + card.version();
    var names = new LinkedHashSet<>(List.of(name));
    request.names.forEach(tag -> names.add(card.name() + ":" + tag));
    @Nullable Descriptor before = place.named(name);
    @Nullable Digest replaced =
        before == null || before.digest().equals(image.digest()) ? null : before.digest();
    place.publish(image, bytes, names);
    if (replaced != null && !request.dryRun) {
      log.nameMoved(name, replaced);
    }
    boolean unchanged = before != null && replaced == null;
    return new Result(
        name, List.copyOf(names), image, card, layers, replaced, unchanged, 0, request.dryRun);
  }
}
