package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The model of an image that exists, for an image with another card, other metrics or other
/// examples. Layers with one large file are taken as they are, unread; the small files are taken
/// out of the layer that holds them beside the card.
final class PackagedModel implements ModelSource {
  /// The layer of the small files holds less than this of each of them, and at most some thousands.
  private static final LayerReader.Limits LIMITS = new LayerReader.Limits(8L << 30, 100_000);

  private record Part(Descriptor layer, Digest diffId) {}

  private final ImageSource source;
  private final String display;
  private final ModelCard card;
  private final Optional<Digest> runner;
  private final List<Part> parts;

  private PackagedModel(
      ImageSource source,
      String display,
      ModelCard card,
      Optional<Digest> runner,
      List<Part> parts) {
    this.source = source;
    this.display = display;
    this.card = card;
    this.runner = runner;
    this.parts = List.copyOf(parts);
  }

  /// @throws Failure REFUSED when the image holds no model, or was not made by `mlo`
  static PackagedModel of(Images.Located image) throws IOException {
    ImageView view = ImageView.read(image.source(), image.root());
    ModelCard card = view.model(image.display());
    ImageConfig config = ImageConfig.parse(image.source().manifest(view.manifest().config()));
    List<Digest> diffIds = config.diffIds();
    List<ImageView.Layer> layers = view.layers();
    var parts = new ArrayList<Part>();
    for (int i = 0; i < layers.size() && i < diffIds.size(); i++) {
      if (layers.get(i).role().equals(Labels.ROLE_MODEL)) {
        parts.add(new Part(layers.get(i).descriptor(), diffIds.get(i)));
      }
    }
    long large = card.files().stream().filter(PackagedModel::isLarge).count();
    if (diffIds.size() != layers.size() || parts.size() != large + 1) {
      throw Failure.of(ExitCode.REFUSED, "`%s` cannot be built from".formatted(image.display()))
          .why(
              "its card names %d large files, it has %d layers of the model"
                  .formatted(large, parts.size()))
          .hint("name an image that mlo build made");
    }
    Optional<Digest> runner =
        Optional.ofNullable(view.labels().get(Labels.RUNNER_DIGEST))
            .filter(Digest::isDigest)
            .map(Digest::parse);
    return new PackagedModel(image.source(), image.display(), card, runner, parts);
  }

  private static boolean isLarge(ModelCard.File file) {
    return file.size() >= SourceFile.LARGE;
  }

  @Override
  public String format() {
    return card.format();
  }

  @Override
  public String entry() {
    return card.entry();
  }

  @Override
  public Signature signature(Project project) {
    same("format", project.model().format(), card.format());
    declared("inputs", project.model().inputs(), card.signature().inputs());
    declared("outputs", project.model().outputs(), card.signature().outputs());
    return card.signature();
  }

  private void declared(String what, List<TensorSpec> declared, List<TensorSpec> found) {
    same(what, declared.isEmpty() ? null : declared, found);
  }

  private void same(String what, @Nullable Object declared, Object found) {
    if (declared != null && !declared.equals(found)) {
      throw Failure.of(
              ExitCode.MANIFEST,
              "the manifest declares another model than `%s` holds".formatted(display))
          .why("`model.%s` is %s, in the image it is %s".formatted(what, declared, found));
    }
  }

  @Override
  public Set<String> unranked() {
    return Set.of();
  }

  @Override
  public List<String> notes() {
    return List.of("the model is the one of %s, %s".formatted(display, card.digest()));
  }

  @Override
  public Optional<Digest> runner() {
    return runner;
  }

  @Override
  public List<ModelCard.File> read(Contents contents) {
    return card.files();
  }

  @Override
  public List<Layer> layers(Contents contents, byte[] newCard, Examples examples)
      throws IOException {
    LayerPlace place = contents.place();
    var layers = new ArrayList<Layer>();
    List<ModelCard.File> large = card.files().stream().filter(PackagedModel::isLarge).toList();
    for (int i = 0; i < large.size(); i++) {
      Part part = parts.get(i);
      layers.add(place.take(large.get(i).path(), part.layer, part.diffId, source));
    }
    try (Scratch scratch = new Scratch(Files.createTempDirectory("mlo-from-"))) {
      layers.add(
          place.put("model", Labels.ROLE_MODEL, small(unpacked(scratch), newCard, examples)));
    }
    return layers;
  }

  private Path unpacked(Scratch scratch) throws IOException {
    Part last = parts.getLast();
    source.read(last.layer, in -> LayerReader.unpack(in, last.diffId, scratch.folder(), LIMITS));
    return scratch.folder().resolve(Contents.ROOT);
  }

  private LayerWriter small(Path folder, byte[] newCard, Examples examples) throws IOException {
    LayerWriter small = new LayerWriter();
    for (ModelCard.File file : card.files()) {
      if (isLarge(file)) {
        continue;
      }
      Path path = folder.resolve(file.path()).normalize();
      if (!path.startsWith(folder)
          || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          || !Digest.sha256(path).toString().equals(file.digest())) {
        throw Failure.of(
                ExitCode.INTEGRITY, "`%s` does not hold what its card says".formatted(display))
            .why(
                "`%s` is missing, or has other bytes than %s"
                    .formatted(file.path(), file.digest()));
      }
      small.file(Contents.ROOT + file.path(), 0644, path, file.size());
    }
    Contents.finish(small, newCard, examples);
    return small;
  }
}
