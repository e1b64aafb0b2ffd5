package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The shared runner images of an installation, side by side in its store: every one under its
/// digest, and for each platform a name that says which one builds use.
public final class RunnerStore {
  /// What the image in use for this machine's platform is called; for others, with the platform.
  public static final String NAME = "runner";

  /// The type of the artifact that holds an engine; its subject is the runner image.
  static final String ENGINE_TYPE = "application/vnd.mlo.backend.v1";

  private static final Pattern VERSION =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.[0-9A-Za-z.+-]{1,64}");
  private static final Pattern FORMAT = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final String BY_DIGEST = NAME + "@";

  /// An engine that was made for a runner image.
  ///
  /// @param artifact its manifest, which lies beside the image
  /// @param layer with the annotations it has in models' images
  record Engine(Descriptor artifact, Descriptor layer) {}

  /// A runner image as it lies in the store, read back.
  ///
  /// @param image with its platform
  /// @param engines by format
  record Stored(
      LayoutStore store,
      Descriptor image,
      Manifest manifest,
      ImageConfig config,
      Map<String, Engine> engines) {
    Platform platform() throws IOException {
      return config.platform();
    }

    /// The version of `mlo` it came with.
    String version() throws IOException {
      return config.labels().getOrDefault(Labels.RUNNER_VERSION, "");
    }

    boolean isCompatible() throws IOException {
      return goesWith(version());
    }

    /// What it stands on.
    String base() throws IOException {
      return config.labels().getOrDefault(RunnerImage.BASE_LABEL, "").replaceAll("\\p{Cntrl}", "?");
    }

    /// The digest of the base's manifest; empty where the base is this machine's.
    String baseDigest() throws IOException {
      return config.labels().getOrDefault(RunnerImage.BASE_DIGEST_LABEL, "");
    }
  }

  /// One line of `mlo runner list`.
  ///
  /// @param baseDigest empty where the base is the machine's that made it
  /// @param java whose Java it holds: `own`, or what the base brings
  /// @param size the bytes of all layers, without the engines
  /// @param engines the formats
  /// @param inUse whether builds for its platform use it
  public record Listed(
      Digest digest,
      Platform platform,
      String version,
      String base,
      String baseDigest,
      String java,
      long size,
      Map<String, Digest> engines,
      boolean inUse) {}

  private final Installation installation;

  public RunnerStore(Installation installation) {
    this.installation = installation;
  }

  /// Whether models that this `mlo` builds can be served by a runner of that version: before 1.0 a
  /// change of the second number may change what they say to each other, from then on one of the
  /// first.
  static boolean goesWith(String version) {
    Matcher theirs = VERSION.matcher(version);
    Matcher ours = VERSION.matcher(Installation.version());
    return version.equals(Installation.version())
        || (theirs.matches()
            && ours.matches()
            && theirs.group(1).equals(ours.group(1))
            && (!ours.group(1).equals("0") || theirs.group(2).equals(ours.group(2))));
  }

  private static String name(Platform platform) {
    return platform.equals(Platform.current())
        ? NAME
        : "%s-%s-%s".formatted(NAME, platform.os(), platform.architecture());
  }

  /// The image that builds for a platform use.
  Optional<Stored> inUse(Platform platform) throws IOException {
    Optional<LayoutStore> store = store();
    @Nullable Descriptor image = store.isEmpty() ? null : store.get().tags().get(name(platform));
    return image == null ? Optional.empty() : Optional.of(read(store.get(), image));
  }

  /// The image of this digest; of an index, the one for the platform.
  Optional<Stored> find(Digest digest, Platform platform) throws IOException {
    for (Stored stored : all()) {
      if (stored.image.digest().equals(digest)) {
        return platform.equals(stored.image.platform()) ? Optional.of(stored) : Optional.empty();
      }
    }
    Optional<LayoutStore> store = store();
    @Nullable Descriptor named =
        store.isEmpty() ? null : store.get().tags().get(BY_DIGEST + digest);
    if (named == null || !MediaTypes.isIndex(named.mediaType())) {
      return Optional.empty();
    }
    for (Descriptor child : Index.parse(store.get().manifest(named)).manifests()) {
      if (platform.equals(child.platform())) {
        return Optional.of(read(store.get(), child));
      }
    }
    return Optional.empty();
  }

  /// An image, or an index of several, by its digest or the digest's beginning.
  ///
  /// @throws Failure NOT_FOUND when there is none, USAGE when there are several
  Descriptor named(String digest) throws IOException {
    String hex = digest.replaceFirst("^sha256:", "");
    Optional<LayoutStore> store = store();
    var found = new TreeMap<String, Descriptor>();
    if (store.isPresent()) {
      for (var named : store.get().tags().entrySet()) {
        Descriptor image = named.getValue();
        if (isMine(named.getKey()) && image.digest().hex().startsWith(hex)) {
          found.put(image.digest().toString(), image);
        }
      }
    }
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no runner image `%s`".formatted(digest))
          .hint("mlo runner list");
    }
    if (found.size() > 1) {
      throw Failure.of(ExitCode.USAGE, "`%s` is ambiguous".formatted(digest))
          .why("it may be " + String.join(", ", found.keySet()));
    }
    return found.firstEntry().getValue();
  }

  private static boolean isMine(String name) {
    return name.equals(NAME) || name.startsWith(BY_DIGEST) || name.startsWith(NAME + "-");
  }

  /// Whether a blob or a document is in the store.
  boolean holds(Descriptor descriptor) throws IOException {
    Optional<LayoutStore> store = store();
    return store.isPresent() && store.get().has(descriptor);
  }

  /// Whether there is an image, or an index of several, of this digest.
  boolean has(Digest digest) throws IOException {
    Optional<LayoutStore> store = store();
    return store.isPresent()
        && store.get().tags().values().stream().anyMatch(named -> named.digest().equals(digest));
  }

  private Optional<LayoutStore> store() throws IOException {
    try {
      return Optional.of(LayoutStore.open(installation.store()));
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  /// Every image once, in no particular order.
  private List<Stored> all() throws IOException {
    Optional<LayoutStore> store = store();
    if (store.isEmpty()) {
      return List.of();
    }
    var images = new LinkedHashMap<Digest, Stored>();
    for (var named : store.get().tags().entrySet()) {
      if (isMine(named.getKey()) && MediaTypes.isManifest(named.getValue().mediaType())) {
        images.putIfAbsent(named.getValue().digest(), read(store.get(), named.getValue()));
      }
    }
    return List.copyOf(images.values());
  }

  /// All images: those in use first, this machine's platform before others, then by digest.
  public List<Listed> list() throws IOException {
    Map<String, Descriptor> names = store().isPresent() ? store().get().tags() : Map.of();
    var list = new ArrayList<Listed>();
    for (Stored stored : all()) {
      @Nullable Descriptor used = names.get(name(stored.platform()));
      var engines = new TreeMap<String, Digest>();
      stored.engines.forEach((format, engine) -> engines.put(format, engine.layer.digest()));
      list.add(
          new Listed(
              stored.image.digest(),
              stored.platform(),
              stored.version(),
              stored.base(),
              stored.baseDigest(),
              stored.config.labels().getOrDefault(RunnerImage.JAVA_LABEL, "own"),
              stored.manifest.layers().stream().mapToLong(Descriptor::size).sum(),
              engines,
              used != null && used.digest().equals(stored.image.digest())));
    }
    list.sort(
        Comparator.comparing((Listed image) -> !image.inUse)
            .thenComparing(image -> !image.platform.equals(Platform.current()))
            .thenComparing(image -> image.platform.toString())
            .thenComparing(image -> image.digest.toString()));
    return List.copyOf(list);
  }

  /// Keeps an image under its digest, and lets builds for its platform use it.
  static void use(LayoutStore store, Descriptor image, Platform platform) throws IOException {
    keep(store, image);
    point(store, name(platform), image);
  }

  /// Keeps an image, or an index of several, under its digest.
  static void keep(LayoutStore store, Descriptor image) throws IOException {
    point(store, BY_DIGEST + image.digest(), image);
  }

  private static void point(LayoutStore store, String name, Descriptor image) throws IOException {
    @Nullable Descriptor pointed = store.tags().get(name);
    if (pointed == null || !pointed.digest().equals(image.digest())) {
      store.tag(name, image);
    }
  }

  private static Stored read(LayoutStore store, Descriptor image) throws IOException {
    Manifest manifest = Manifest.parse(store.manifest(image));
    ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
    return new Stored(
        store,
        image.withPlatform(config.platform()),
        manifest,
        config,
        engines(store, image.digest(), config));
  }

  /// The layers of the engines that a runner image names, by format.
  static SortedMap<String, Digest> namedEngines(ImageConfig config) throws IOException {
    var named = new TreeMap<String, Digest>();
    for (String engine : config.labels().getOrDefault(Labels.RUNNER_ENGINES, "").split(",", -1)) {
      int at = engine.indexOf('=');
      String format = engine.substring(0, Math.max(0, at));
      if (FORMAT.matcher(format).matches() && Digest.isDigest(engine.substring(at + 1))) {
        named.put(format, Digest.parse(engine.substring(at + 1)));
      }
    }
    return named;
  }

  /// The engines that lie beside a runner image. Only those it names count, whoever attached what.
  static Map<String, Engine> engines(ImageSource source, Digest image, ImageConfig config)
      throws IOException {
    Map<String, Digest> named = namedEngines(config);
    var engines = new TreeMap<String, Engine>();
    for (Descriptor referrer : source.referrers(image)) {
      if (!ENGINE_TYPE.equals(referrer.artifactType())) {
        continue;
      }
      Manifest artifact = Manifest.parse(source.manifest(referrer));
      @Nullable String format = artifact.annotations().get(Labels.LAYER_FORMAT);
      if (format != null && artifact.layers().size() == 1) {
        Descriptor layer = artifact.layers().getFirst();
        if (Objects.equals(named.get(format), layer.digest())) {
          engines.put(format, new Engine(referrer, engine(layer.digest(), layer.size(), format)));
        }
      }
    }
    return engines;
  }

  /// An engine's layer, as it is described in every image that has it.
  static Descriptor engine(Digest digest, long size, String format) {
    return Descriptor.of(MediaTypes.LAYER_TAR, digest, size)
        .with(Labels.LAYER_ROLE, Labels.ROLE_BACKEND)
        .with(Labels.LAYER_FORMAT, format);
  }
}
