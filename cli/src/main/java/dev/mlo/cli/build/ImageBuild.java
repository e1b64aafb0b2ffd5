package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.GitState;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.ImageAnnotations;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes the image of a project, for each platform one: the shared runner image, the engine of the
/// model's format, the model, which all of them share. An image's digest depends on the model's
/// files, on what the manifest says of the model, and on the runner and engine; on nothing else.
public final class ImageBuild {
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  /// @param names more tags, or names with a tag, beside the version
  /// @param platforms empty: the manifest's, else this machine's
  /// @param created for the image's configuration
  /// @param lock what becomes of `mlo.lock`
  /// @param dryRun only find out the digest
  public record Request(
      Project project,
      List<String> names,
      List<Platform> platforms,
      String created,
      Locking lock,
      boolean dryRun) {}

  /// What a build has to do with `mlo.lock`.
  public enum Locking {
    /// Nothing.
    OFF,
    /// Writes down what the image was made of.
    WRITE,
    /// Refuses to make the image of anything else.
    REQUIRE
  }

  /// The image for one platform.
  public record PlatformImage(Platform platform, Descriptor image, List<Layer> layers) {
    public PlatformImage {
      layers = List.copyOf(layers);
    }
  }

  /// @param name `NAME:VERSION`
  /// @param names all that point at the image now, with that one
  /// @param image what the names point at: the image, of several the index that lists them
  /// @param images one for each platform
  /// @param replaced what `name` pointed at before, where that was another image
  /// @param attached how many statements and bills of materials about the images are new
  /// @param lock the file that was written, or would be; `null`: none
  public record Result(
      String name,
      List<String> names,
      Descriptor image,
      ModelCard card,
      List<PlatformImage> images,
      @Nullable Digest replaced,
      boolean unchanged,
      int attached,
      @Nullable Path lock,
      boolean dryRun) {
    public Result {
      names = List.copyOf(names);
      images = List.copyOf(images);
    }

    /// The layers of all images, each once; those of the first image first.
    public List<Layer> layers() {
      var layers = new LinkedHashMap<Digest, Layer>();
      for (PlatformImage made : images) {
        made.layers.forEach(layer -> layers.putIfAbsent(layer.descriptor().digest(), layer));
      }
      return List.copyOf(layers.values());
    }

    public long bytesWritten() {
      return layers().stream().filter(l -> !l.reused()).mapToLong(l -> l.descriptor().size()).sum();
    }

    public long bytesReused() {
      return layers().stream().filter(Layer::reused).mapToLong(l -> l.descriptor().size()).sum();
    }

    public long layersReused() {
      return layers().stream().filter(Layer::reused).count();
    }

    public Digest digest() {
      return image.digest();
    }

    Result with(int statements, @Nullable Path lockFile) {
      return new Result(
          name, names, image, card, images, replaced, unchanged, statements, lockFile, dryRun);
    }
  }

  private final Installation installation;
  private final BuildLog log;

  public ImageBuild(Installation installation, BuildLog log) {
    this.installation = installation;
    this.log = log;
  }

  /// @throws Failure MANIFEST when the model, its examples or its manifest do not fit together, or
  ///   something is not as the lock says; then no image was made
  public Result build(Request request) throws IOException {
    return build(request, ModelFiles.of(request.project));
  }

  /// The same around a model that is in an image already: its weights are not read, and the
  /// project's own need not be there.
  ///
  /// @throws Failure REFUSED when the image holds no model
  public Result build(Request request, Images.Located from) throws IOException {
    return build(request, PackagedModel.of(from));
  }

  private Result build(Request request, ModelSource model) throws IOException {
    Project project = request.project;
    Signature signature = model.signature(project);
    Examples examples = Examples.of(project, signature, model.unranked());
    requireTags(request.names);
    @Nullable Lock locked = request.lock == Locking.REQUIRE ? Lock.read(project.lock()) : null;
    List<Stand> stands =
        new RunnerChoice(installation, log, request, model.runner()).stands(model.format());
    model.notes().forEach(log::note);

    LayerPlace place = place(request);
    BuildIndex index = BuildIndex.read(project.workspace().buildIndex());
    Contents contents = new Contents(place, index);
    List<ModelCard.File> files;
    Ground ground;
    // Next to nothing of it waits for what is read of the model.
    try (var meanwhile = new Beside<>(() -> ground(project, stands, place))) {
      files = model.read(contents);
      ground = meanwhile.result();
    }
    ground.notes.forEach(log::note);
    @Nullable GitState git = ground.git;
    Lock now = Lock.of(stands, files);
    if (locked != null) {
      now.requireSame(locked);
    }
    ModelCard card =
        card(project, git, model, signature, files, examples, contents.provenance(project));
    List<Layer> modelLayers = model.layers(contents, Json.pretty(card), examples);
    var images = new ArrayList<PlatformImage>();
    for (int i = 0; i < stands.size(); i++) {
      images.add(image(request, place, card, stands.get(i), ground.below.get(i), modelLayers));
    }
    Result result = publish(request, place, card, images);
    @Nullable Path lock = request.lock == Locking.WRITE ? project.lock() : null;
    @Nullable LayoutStore store = place.store();
    if (store == null) {
      return result.with(0, lock);
    }
    index.write();
    int attached = 0;
    for (int i = 0; i < stands.size(); i++) {
      attached +=
          new ImageEvidence(store, images.get(i).image(), stands.get(i))
              .attach(project, card, request.created, git);
    }
    if (lock != null) {
      now.write(lock);
    }
    return result.with(attached, lock);
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
      ModelSource model,
      Signature signature,
      List<ModelCard.File> files,
      Examples examples,
      @Nullable JsonNode provenance) {
    ModelCard unnamed =
        new ModelCard(
            ModelCard.SCHEMA,
            project.name(),
            project.version() == null ? "" : project.version(),
            project.description(),
            project.license(),
            project.authors(),
            project.labels(),
            model.format(),
            model.entry(),
            signature,
            project.model().parameters(),
            files,
            ModelCard.digest(files),
            examples.cards(),
            project.serve(),
            provenance);
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

  /// What a model's image has beside the model.
  ///
  /// @param below for each stand the layers it gives
  /// @param git `null`: the project is not in git, or what is there cannot be read
  /// @param notes for whoever builds; of work that was cut off nobody is told
  private record Ground(List<List<Layer>> below, @Nullable GitState git, List<String> notes) {}

  private static Ground ground(Project project, List<Stand> stands, LayerPlace place)
      throws IOException {
    var notes = new ArrayList<String>();
    @Nullable GitState git =
        GitState.of(
            project.directory(), found -> notes.add(found.why() + "; the image names no commit"));
    var below = new ArrayList<List<Layer>>();
    for (Stand stand : stands) {
      below.add(stand.layers(place));
    }
    return new Ground(below, git, notes);
  }

  /// The image for one platform.
  ///
  /// @param below the layers it stands on
  private static PlatformImage image(
      Request request,
      LayerPlace place,
      ModelCard card,
      Stand stand,
      List<Layer> below,
      List<Layer> model)
      throws IOException {
    var layers = new ArrayList<>(below);
    layers.addAll(model);
    String text = new String(Json.compact(card), StandardCharsets.UTF_8);
    ImageConfig config = stand.config(request.created, text, layers);
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
    place.publish(image, bytes, List.of());
    return new PlatformImage(config.platform(), image, layers);
  }

  /// Gives what was made its names: an only image itself, of several the index that lists them.
  private Result publish(
      Request request, LayerPlace place, ModelCard card, List<PlatformImage> images)
      throws IOException {
    Descriptor root = images.getFirst().image();
    if (images.size() > 1) {
      byte[] index =
          new Index(
                  MediaTypes.INDEX,
                  images.stream().map(PlatformImage::image).toList(),
                  ImageAnnotations.of(card, request.created))
              .write();
      root = Descriptor.of(MediaTypes.INDEX, index);
      place.publish(root, index, List.of());
    }
    String name = card.name() + ":" + card.version();
    var names = new LinkedHashSet<>(List.of(name));
    request.names.forEach(tag -> names.add(card.name() + ":" + tag));
    @Nullable Descriptor before = place.named(name);
    @Nullable Digest replaced =
        before == null || before.digest().equals(root.digest()) ? null : before.digest();
    place.name(root, names);
    if (replaced != null && !request.dryRun) {
      log.nameMoved(name, replaced);
    }
    boolean unchanged = before != null && replaced == null;
    return new Result(
        name, List.copyOf(names), root, card, images, replaced, unchanged, 0, null, request.dryRun);
  }
}
