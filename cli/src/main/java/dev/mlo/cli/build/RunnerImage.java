package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

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

  private static final String ENGINE_TYPE = "application/vnd.mlo.backend.v1";

  /// @param layers of the image; then one of each engine
  public record Built(
      Descriptor image, String base, List<Layer> layers, Map<String, Descriptor> engines) {
    public Built {
      layers = List.copyOf(layers);
    }
  }

  private final Installation installation;
  private final BuildLog log;

  public RunnerImage(Installation installation, BuildLog log) {
    this.installation = installation;
    this.log = log;
  }

  /// Makes the image and the engine layers. The same installation gives the same digests, so doing
  /// it again changes nothing.
  ///
  /// @param base [#BUNDLED], or the reference of an image in a registry
  /// @param created for the image's configuration
  public Built build(String base, String created) throws IOException {
    requireParts();
    return base.equals(BUNDLED) ? bundled(created) : onRegistryBase(base);
  }

  private Built onRegistryBase(String base) {
    throw Failure.of(ExitCode.USAGE, "the base `" + base + "` is not supported yet")
        .why("only `bundled` is")
        .hint("mlo runner build --base bundled");
  }

  private void requireParts() {
    for (Path part : List.of(installation.java(), installation.runner(), installation.backends())) {
      if (!Files.exists(part)) {
        throw Failure.of(ExitCode.NOT_FOUND, "this installation of mlo is not complete")
            .why("`" + part + "` is missing")
            .hint("./install.sh   (in the sources, or with --from TARBALL)");
      }
    }
  }

  private Built bundled(String created) throws IOException {
    HostLibraries.requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    HostLibraries libraries = HostLibraries.of(installation.java(), loaded());
    LayerPlace place = LayerPlace.writing(LayoutStore.create(installation.store()), log);
    var layers = new ArrayList<Layer>();
    layers.add(place.put("C library", Labels.ROLE_BASE, BundledBase.layer(libraries)));
    layers.add(place.put("Java", Labels.ROLE_JRE, jre()));
    layers.add(place.put("runner", Labels.ROLE_RUNNER, runner()));
    ImageConfig config =
        ImageConfig.of(Platform.current(), created, run(BUNDLED, libraries.glibc()));
    for (Layer layer : layers) {
      config = config.withLayer(layer.diffId(), "mlo: " + layer.what());
    }
    Descriptor image = publish(place, config, layers);
    return new Built(image, BUNDLED, layers, engines(place));
  }

  /// Everything of ours that asks for libraries of the host.
  private List<Path> loaded() throws IOException {
    var files = new ArrayList<Path>();
    for (Path folder : List.of(installation.runtime(), installation.backends())) {
      for (Path file : new Folder(folder).files()) {
        if (String.valueOf(file.getFileName()).matches(".*\\.so(\\..*)?")) {
          files.add(file);
        }
      }
    }
    return files;
  }

  /// Of the runtime's programs only `java`; no caches of the command's own start.
  private LayerWriter jre() throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.runtime())
        .addTo(
            layer,
            "opt/mlo/jre",
            path ->
                !(path.startsWith("bin/") && !path.equals("bin/java"))
                    && !path.startsWith("man/")
                    && !path.endsWith(".aot"));
    return layer;
  }

  private LayerWriter runner() throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.runner()).addTo(layer, "opt/mlo/runner", path -> path.endsWith(".jar"));
    return layer;
  }

  private static ObjectNode run(String base, String glibc) {
    ObjectNode run = Json.object();
    run.put("User", BundledBase.USER + ":" + BundledBase.USER);
    run.putObject("ExposedPorts").putObject("8080/tcp");
    run.withObject("/ExposedPorts").putObject("8081/tcp");
    run.withObject("/ExposedPorts").putObject("8082/tcp");
    run.putArray("Env")
        .add("PATH=/opt/mlo/jre/bin:/usr/local/bin:/usr/bin:/bin")
        .add("LANG=C.UTF-8")
        .add("ORT_DISABLE_TELEMETRY=1");
    run.putArray("Entrypoint")
        .add("/opt/mlo/jre/bin/java")
        .add("-XX:+UseSerialGC")
        .add("--enable-native-access=ALL-UNNAMED")
        .add("-Djava.io.tmpdir=/dev/shm")
        .add("-cp")
        .add("/opt/mlo/runner/*")
        .add("dev.mlo.runner.Runner");
    run.putObject("Volumes").putObject("/var/lib/mlo");
    run.put("WorkingDir", "/");
    run.putObject("Labels")
        .put(Labels.RUNNER_VERSION, Installation.version())
        .put(BASE_LABEL, base)
        .put("dev.mlo.base.glibc", glibc);
    return run;
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

  private Map<String, Descriptor> engines(LayerPlace place) throws IOException {
    var engines = new TreeMap<String, Descriptor>();
    for (String format : formats()) {
      LayerWriter layer = new LayerWriter();
      new Folder(installation.backends().resolve(format))
          .addTo(layer, "opt/mlo/backends/" + format, _ -> true);
      Descriptor written =
          place
              .put("engine " + format, Labels.ROLE_BACKEND, layer)
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
      engines.put(format, written);
    }
    return engines;
  }

  /// The formats this installation has an engine for, sorted.
  List<String> formats() throws IOException {
    try (Stream<Path> folders = Files.list(installation.backends())) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .sorted()
          .toList();
    }
  }

  /// One line of `mlo runner list`.
  ///
  /// @param kind `runner` or `engine`
  /// @param size the bytes of all layers
  public record Listed(
      String name, String kind, String version, String base, long size, Digest digest) {}

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
            stored.get().manifest.layers().stream().mapToLong(Descriptor::size).sum(),
            stored.get().image.digest()));
    stored
        .get()
        .engines
        .forEach((format, layer) ->
            list.add(
                new Listed(
                    ENGINE_PREFIX + format, "engine", "", "", layer.size(), layer.digest())));
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
      Map<String, Descriptor> engines) {}

  /// The image of this installation; made first where there is none, or one of another version.
  Stored ensure(String created) throws IOException {
    Optional<Stored> stored = stored();
    if (stored.isEmpty()) {
      log.runnerImageNeeded("there is none yet in " + installation.store());
      build(BUNDLED, created);
    } else {
      String made = stored.get().config.labels().getOrDefault(Labels.RUNNER_VERSION, "");
      if (made.equals(Installation.version())
          && stored.get().engines.keySet().containsAll(formats())) {
        return stored.get();
      }
      log.runnerImageNeeded("the one in %s is of mlo %s".formatted(installation.store(), made));
      build(stored.get().config.labels().getOrDefault(BASE_LABEL, BUNDLED), created);
    }
    return stored().orElseThrow(() -> new IllegalStateException("the runner image vanished"));
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
