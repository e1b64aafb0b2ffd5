package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The image all models stand on: C library, Java, runner. Made once per installation and kept in
/// the installation's store, with the engines beside it as artifacts of their own.
public final class RunnerImage {
  /// The image's name in the installation's store.
  public static final String NAME = "runner";

  /// Before an engine's format, its name in the installation's store.
  public static final String ENGINE_PREFIX = "backend-";

  /// The base that needs no registry.
  public static final String BUNDLED = "bundled";

  /// On the configuration: what the image stands on.
  static final String BASE_LABEL = "dev.mlo.base";

  /// On the configuration: the digest of the base's manifest, where it came from a registry.
  static final String BASE_DIGEST_LABEL = "dev.mlo.base.digest";

  /// On the configuration: the version of the C library.
  static final String GLIBC_LABEL = "dev.mlo.base.glibc";

  private static final String ENGINE_TYPE = "application/vnd.mlo.backend.v1";

  /// @param base [#BUNDLED], or the reference of an image in a registry
  /// @param insecure whether the registry may be asked over plain HTTP; on loopback it may
  /// @param environment where Docker's configuration is looked for
  /// @param created for the image's configuration
  public record Request(
      String base, boolean insecure, Map<String, String> environment, String created) {}

  /// @param baseDigest of a base from a registry
  /// @param layers of the image; then one of each engine
  public record Built(
      Descriptor image,
      String base,
      @Nullable Digest baseDigest,
      List<Layer> layers,
      Map<String, Descriptor> engines) {
    public Built {
      layers = List.copyOf(layers);
    }
  }

  private final Installation installation;
  private final RunnerParts parts;
  private final BuildLog log;

  public RunnerImage(Installation installation, BuildLog log) {
    this.installation = installation;
    this.parts = new RunnerParts(installation);
    this.log = log;
  }

  /// Makes the image and the engine layers. The same installation on the same base gives the same
  /// digests, so doing it again changes nothing.
  ///
  /// @throws Failure when the installation is incomplete, or the base cannot be had or used; then
  ///   nothing was written
  public Built build(Request request) throws IOException {
    parts.require();
    return request.base.equals(BUNDLED) ? onBundled(request) : onRegistry(request);
  }

  private Built onBundled(Request request) throws IOException {
    HostLibraries.requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    Libraries libraries = HostLibraries.of(installation.java(), parts.loaded());
    LayerWriter lowest = BundledBase.layer(libraries);
    LayoutStore store = LayoutStore.create(installation.store());
    LayerPlace place = LayerPlace.writing(store, log);
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(BASE_LABEL, BUNDLED);
    labels.put(GLIBC_LABEL, libraries.glibc());
    List<Layer> layers = List.of(place.put("C library", Labels.ROLE_BASE, lowest));
    Foundation bundled = new Foundation(layers, List.of(), labels, libraries.files());
    return on(bundled, store, place, request.created);
  }

  private Built onRegistry(Request request) throws IOException {
    try (RegistryBase registry = RegistryBase.open(request, log);
        Scratch scratch = Scratch.in(installation.home())) {
      RegistryBase.Found found = registry.find(Platform.current());
      PulledBase base = PulledBase.of(registry, found, installation.store(), scratch.folder(), log);
      String glibc = base.requireFit(parts);
      LayoutStore store = LayoutStore.create(installation.store());
      LayerPlace place = LayerPlace.writing(store, log);
      return on(base.lay(place, glibc, log), store, place, request.created);
    }
  }

  private Built on(Foundation foundation, LayoutStore store, LayerPlace place, String created)
      throws IOException {
    var layers = new ArrayList<>(foundation.layers());
    layers.add(place.put("Java", Labels.ROLE_JRE, parts.jre()));
    layers.add(place.put("runner", Labels.ROLE_RUNNER, parts.runner()));
    ImageConfig config = ImageConfig.of(Platform.current(), created, RunConfig.on(foundation));
    for (Layer layer : layers) {
      config = config.withLayer(layer.diffId(), "mlo: " + layer.what());
    }
    Descriptor image = publish(place, config, layers);
    RunnerBill bill = new RunnerBill(installation, created);
    bill.attachTo(store, image, foundation.libraries());
    @Nullable String digest = foundation.labels().get(BASE_DIGEST_LABEL);
    return new Built(
        image,
        foundation.labels().getOrDefault(BASE_LABEL, BUNDLED),
        digest == null ? null : Digest.parse(digest),
        layers,
        engines(place, bill, store));
  }

  private static Descriptor publish(LayerPlace place, ImageConfig config, List<Layer> layers)
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
    place.publish(image, bytes, List.of(NAME));
    return image;
  }

  private Map<String, Descriptor> engines(LayerPlace place, RunnerBill bill, LayoutStore store)
      throws IOException {
    var engines = new TreeMap<String, Descriptor>();
    for (String format : parts.formats()) {
      Descriptor written =
          place
              .put("engine " + format, Labels.ROLE_BACKEND, parts.engine(format))
              .descriptor()
              .with(Labels.LAYER_FORMAT, format);
      byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
      Manifest manifest =
          new Manifest(
              MediaTypes.MANIFEST,
              ENGINE_TYPE,
              place.document(MediaTypes.EMPTY, empty),
              List.of(written),
              null,
              Map.of());
      byte[] bytes = manifest.write();
      Descriptor engine = Descriptor.of(MediaTypes.MANIFEST, bytes);
      place.publish(engine, bytes, List.of(ENGINE_PREFIX + format));
      bill.attachTo(store, engine, written, format);
      engines.put(format, written);
    }
    return engines;
  }

  /// One line of `mlo runner list`.
  ///
  /// @param kind `runner` or `engine`
  /// @param baseDigest empty where the base came from no registry
  /// @param size the bytes of all layers
  public record Listed(
      String name,
      String kind,
      String version,
      String base,
      String baseDigest,
      long size,
      Digest digest) {}

  /// What the installation's store holds: the runner image first, then the engines.
  public List<Listed> list() throws IOException {
    Optional<Stored> stored = stored();
    if (stored.isEmpty()) {
      return List.of();
    }
    var list = new ArrayList<Listed>();
    Map<String, String> labels = stored.get().config.labels();
    list.add(
        new Listed(
            NAME,
            "runner",
            labels.getOrDefault(Labels.RUNNER_VERSION, ""),
            labels.getOrDefault(BASE_LABEL, ""),
            labels.getOrDefault(BASE_DIGEST_LABEL, ""),
            stored.get().manifest.layers().stream().mapToLong(Descriptor::size).sum(),
            stored.get().image.digest()));
    stored
        .get()
        .engines
        .forEach((format, layer) ->
            list.add(
                new Listed(
                    ENGINE_PREFIX + format, "engine", "", "", "", layer.size(), layer.digest())));
    return list;
  }

  /// The image as it lies in the store, read back.
  ///
  /// @param engines by format, the engine layer
  record Stored(
      LayoutStore store,
      Descriptor image,
      Manifest manifest,
      ImageConfig config,
      Map<String, Descriptor> engines) {
    /// What it stands on.
    String base() throws IOException {
      return config.labels().getOrDefault(BASE_LABEL, BUNDLED);
    }
  }

  /// The image of this installation; made first where there is none, or one of another version.
  Stored ensure(String created) throws IOException {
    Optional<Stored> stored = stored();
    if (stored.isEmpty()) {
      log.runnerImageNeeded("there is none yet in " + installation.store());
      build(new Request(BUNDLED, false, System.getenv(), created));
    } else {
      String made = stored.get().config.labels().getOrDefault(Labels.RUNNER_VERSION, "");
      if (made.equals(Installation.version())
          && stored.get().engines.keySet().containsAll(parts.formats())) {
        return stored.get();
      }
      log.runnerImageNeeded("the one in %s is of mlo %s".formatted(installation.store(), made));
      build(new Request(sameBase(stored.get().config), false, System.getenv(), created));
    }
    return stored().orElseThrow(() -> new IllegalStateException("the runner image vanished"));
  }

  /// The base an image stands on, to the byte.
  private static String sameBase(ImageConfig config) throws IOException {
    String base = config.labels().getOrDefault(BASE_LABEL, BUNDLED);
    @Nullable String digest = config.labels().get(BASE_DIGEST_LABEL);
    return digest == null || base.contains("@") ? base : base + "@" + digest;
  }

  /// The image of this installation, where there is one.
  Optional<Stored> stored() throws IOException {
    LayoutStore store;
    try {
      store = LayoutStore.open(installation.store());
    } catch (NotFoundException e) {
      return Optional.empty();
    }
    Map<String, Descriptor> names = store.tags();
    Descriptor image = names.get(NAME);
    if (image == null) {
      return Optional.empty();
    }
    Manifest manifest = Manifest.parse(store.manifest(image));
    ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
    var engines = new LinkedHashMap<String, Descriptor>();
    for (var name : names.entrySet()) {
      if (name.getKey().startsWith(ENGINE_PREFIX)) {
        Manifest engine = Manifest.parse(store.manifest(name.getValue()));
        engines.put(name.getKey().substring(ENGINE_PREFIX.length()), engine.layers().getFirst());
      }
    }
    return Optional.of(new Stored(store, image, manifest, config, engines));
  }
}
