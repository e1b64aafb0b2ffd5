package dev.mlo.cli.build;

import dev.mlo.attest.Attachment;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes the image all models stand on: C library, Java, runner. Made once per installation and
/// kept in its store, with the engines as artifacts beside it.
public final class RunnerImage {
  /// The base that needs no registry.
  public static final String BUNDLED = "bundled";

  /// On the configuration: what the image stands on.
  static final String BASE_LABEL = "dev.mlo.base";

  /// On the configuration: the digest of the base's manifest, where the base came from elsewhere.
  static final String BASE_DIGEST_LABEL = "dev.mlo.base.digest";

  /// On the configuration: the version of the C library.
  static final String GLIBC_LABEL = "dev.mlo.base.glibc";

  /// On the configuration: which Java of the base is used, where it is not the installation's.
  static final String JAVA_LABEL = "dev.mlo.base.java";

  /// @param base [#BUNDLED], `oci:DIR[:NAME]`, or the reference of an image in a registry
  /// @param platform what the image is to run on
  /// @param places where names lead to
  /// @param created for the image's configuration
  /// @param dryRun only find out the digest
  public record Request(
      String base, Platform platform, Images places, String created, boolean dryRun) {}

  /// @param baseDigest of a base from elsewhere
  /// @param java of the base, where it is used; `null`: the installation's
  /// @param layers of the image
  /// @param engines by format, the layer
  public record Built(
      Descriptor image,
      Platform platform,
      String base,
      @Nullable Digest baseDigest,
      @Nullable String java,
      List<Layer> layers,
      Map<String, Descriptor> engines,
      boolean dryRun) {
    public Built {
      layers = List.copyOf(layers);
    }
  }

  private final Installation installation;
  private final RunnerParts parts;
  private final RunnerStore images;
  private final BuildLog log;

  public RunnerImage(Installation installation, BuildLog log) {
    this.installation = installation;
    this.parts = new RunnerParts(installation);
    this.images = new RunnerStore(installation);
    this.log = log;
  }

  /// Makes the image and the engine layers, and lets builds for its platform use it. The same
  /// installation on the same base gives the same digests, so doing it again changes nothing.
  ///
  /// @throws Failure when the installation is incomplete, or the base cannot be had or used; then
  ///   nothing was written
  public Built build(Request request) throws IOException {
    parts.require();
    Processor.of(request.platform);
    if (!request.base.equals(BUNDLED)) {
      return onBase(request);
    }
    if (RunnerParts.isForeign(request.platform)) {
      throw Failure.of(
              ExitCode.USAGE,
              "the `bundled` base is this machine's, so it is not for " + request.platform)
          .why("for another platform the base must bring C library and Java")
          .hint(
              "mlo runner build --platform %s --base eclipse-temurin:25-jre"
                  .formatted(request.platform));
    }
    return onBundled(request);
  }

  private Built onBundled(Request request) throws IOException {
    HostLibraries.requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    Libraries libraries = HostLibraries.of(installation.java(), parts.loaded());
    LayerWriter lowest = BundledBase.layer(libraries);
    LayerPlace place = place(request);
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(BASE_LABEL, BUNDLED);
    labels.put(GLIBC_LABEL, libraries.glibc());
    List<Layer> layers = List.of(place.put("C library", Labels.ROLE_BASE, lowest));
    return on(
        new Foundation(request.platform, layers, List.of(), labels, libraries.files(), null),
        place,
        request.created);
  }

  private Built onBase(Request request) throws IOException {
    BaseImage found = BaseImage.find(request.base, request.platform, request.places);
    try (Incoming incoming = Incoming.in(installation.home(), found.digest())) {
      PulledBase base = PulledBase.of(found, installation.store(), incoming, log);
      PulledBase.Fit fit = base.requireFit(parts);
      LayerPlace place = place(request);
      return on(base.lay(place, fit, log), place, request.created);
    }
  }

  private LayerPlace place(Request request) throws IOException {
    return request.dryRun
        ? LayerPlace.trying(installation.store(), log)
        : LayerPlace.writing(LayoutStore.create(installation.store()), log);
  }

  private Built on(Foundation foundation, LayerPlace place, String created) throws IOException {
    var layers = new ArrayList<>(foundation.layers());
    if (foundation.java() == null) {
      layers.add(place.put("Java", Labels.ROLE_JRE, parts.jre()));
    }
    boolean archived = foundation.java() == null && parts.isArchived();
    layers.add(place.put("runner", Labels.ROLE_RUNNER, parts.runner(archived)));
    Map<String, Descriptor> engines = engines(place, foundation.platform());
    ImageConfig config =
        ImageConfig.of(foundation.platform(), created, RunConfig.on(foundation, archived))
            .withLabel(
                Labels.RUNNER_ENGINES,
                engines.entrySet().stream()
                    .map(engine -> engine.getKey() + "=" + engine.getValue().digest())
                    .collect(Collectors.joining(",")));
    for (Layer layer : layers) {
      config = config.withLayer(layer.diffId(), "mlo: " + layer.what());
    }
    Descriptor image = write(place, config, layers);
    @Nullable LayoutStore store = place.store();
    if (store != null) {
      attach(store, image, foundation, engines, created);
      RunnerStore.use(store, image, foundation.platform());
    }
    @Nullable String digest = foundation.labels().get(BASE_DIGEST_LABEL);
    return new Built(
        image,
        foundation.platform(),
        foundation.labels().getOrDefault(BASE_LABEL, BUNDLED),
        digest == null ? null : Digest.parse(digest),
        foundation.labels().get(JAVA_LABEL),
        layers,
        engines,
        store == null);
  }

  private Map<String, Descriptor> engines(LayerPlace place, Platform platform) throws IOException {
    var engines = new TreeMap<String, Descriptor>();
    for (String format : parts.formats()) {
      Descriptor layer =
          place
              .put("engine " + format, Labels.ROLE_BACKEND, parts.engine(format, platform))
              .descriptor();
      engines.put(format, RunnerStore.engine(layer.digest(), layer.size(), format));
    }
    return engines;
  }

  private static Descriptor write(LayerPlace place, ImageConfig config, List<Layer> layers)
      throws IOException {
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            place.document(MediaTypes.CONFIG, config.write()),
            layers.stream().map(Layer::descriptor).toList(),
            null,
            Map.of());
    byte[] bytes = manifest.write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, bytes).withPlatform(config.platform());
    place.publish(image, bytes, List.of());
    return image;
  }

  /// The engines and the bills of materials go where the image goes, for they speak of it.
  private void attach(
      LayoutStore store,
      Descriptor image,
      Foundation foundation,
      Map<String, Descriptor> engines,
      String created)
      throws IOException {
    RunnerBill bill = new RunnerBill(installation, created);
    bill.attachTo(store, image, foundation);
    for (var engine : engines.entrySet()) {
      Map<String, String> format = Map.of(Labels.LAYER_FORMAT, engine.getKey());
      Descriptor artifact =
          Attachment.attach(store, image, RunnerStore.ENGINE_TYPE, engine.getValue(), format)
              .referrer();
      bill.attachTo(store, artifact, engine.getValue(), engine.getKey(), foundation.platform());
    }
  }

  /// The image that builds for this machine's platform use; made first where there is none, or one
  /// of a version of `mlo` that this one does not go with.
  ///
  /// @param places where the base of that one is looked for
  RunnerStore.Stored ensure(String created, Images places) throws IOException {
    Platform here = Platform.current();
    Optional<RunnerStore.Stored> stored = images.inUse(here);
    if (stored.isEmpty()) {
      log.runnerImageNeeded("there is none yet in " + installation.store());
      build(new Request(BUNDLED, here, places, created, false));
    } else {
      boolean mine = stored.get().version().equals(Installation.version());
      if (stored.get().isCompatible()
          && (!mine || stored.get().engines().keySet().containsAll(parts.formats()))) {
        return stored.get();
      }
      log.runnerImageNeeded(
          "the one in %s is of mlo %s".formatted(installation.store(), stored.get().version()));
      build(new Request(sameBase(stored.get()), here, places, created, false));
    }
    return images
        .inUse(here)
        .orElseThrow(() -> new IllegalStateException("the runner image vanished"));
  }

  /// The base an image stands on, to the byte.
  private static String sameBase(RunnerStore.Stored stored) throws IOException {
    String base = stored.base();
    if (BaseName.isOfLayout(base)) {
      throw Failure.of(ExitCode.NOT_FOUND, "the runner image is of mlo " + stored.version())
          .why("it stands on %s, from a layout: where that lies is not known".formatted(base))
          .hint("mlo runner build --base oci:DIR:NAME");
    }
    return stored.baseDigest().isEmpty() || base.contains("@")
        ? base
        : base + "@" + stored.baseDigest();
  }
}
