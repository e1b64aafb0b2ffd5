package dev.mlo.cli.build;

import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayerEntries;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.TempFiles;
import dev.mlo.oci.UnavailableException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A base from elsewhere, all of it on this disk and looked into. Layers that the installation's
/// store has are not fetched again; the others wait in a folder of their own until it is known that
/// the base is good.
final class PulledBase implements LibraryRoot {
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  /// Directories of the layers that are laid upon the base.
  private static final List<String> OURS =
      List.of("opt/mlo", "models", "var/lib/mlo", "etc", "usr/lib/locale");

  /// @param descriptor with the media type its bytes are of
  private record Fetched(Descriptor descriptor, Digest diffId, LayoutStore source) {}

  private final BaseImage found;
  private final List<Fetched> layers = new ArrayList<>();
  private final BaseFiles files;

  /// How what is laid upon the base fits it.
  ///
  /// @param glibc the version of the base's C library
  /// @param java of the base, where this installation's own is for another processor
  record Fit(String glibc, @Nullable BaseJava java) {}

  private PulledBase(BaseImage found, BaseFiles files) {
    this.found = found;
    this.files = files;
  }

  /// @param store the installation's
  /// @param incoming a folder on the same disk
  /// @throws Failure USAGE when the image cannot be stood on, INTEGRITY when it is damaged
  static PulledBase of(BaseImage found, Path store, Incoming incoming, BuildLog log)
      throws IOException {
    @Nullable LayoutStore before = existing(store);
    LayoutStore waiting = LayoutStore.create(incoming.folder().resolve("layout"));
    BaseFiles files =
        new BaseFiles(
            empty(incoming.folder().resolve("files")),
            RunnerParts.isForeign(found.config().platform()));
    PulledBase base = new PulledBase(found, files);
    var missing = new ArrayList<Descriptor>();
    for (Descriptor layer : found.layers()) {
      if (!waiting.has(layer) && (before == null || !before.has(layer))) {
        missing.add(layer);
      }
    }
    log.baseFound(
        found.name().shown(),
        found.digest(),
        found.layers().size(),
        missing.size(),
        missing.stream().mapToLong(Descriptor::size).sum());
    try {
      found.fetch(missing, waiting, log.fetching());
    } catch (UnavailableException | InterruptedIOException e) {
      incoming.keep();
      throw e;
    }
    for (int i = 0; i < found.layers().size(); i++) {
      Descriptor layer = found.layers().get(i);
      base.look(
          layer,
          found.config().diffIds().get(i),
          before != null && before.has(layer) ? before : waiting);
    }
    return base;
  }

  private static Path empty(Path folder) throws IOException {
    TempFiles.delete(folder);
    return Files.createDirectory(folder);
  }

  private static @Nullable LayoutStore existing(Path store) throws IOException {
    try {
      return LayoutStore.open(store);
    } catch (NotFoundException e) {
      return null;
    }
  }

  private String name(int layer) {
    return "%s (%d of %d)".formatted(found.name().recorded(), layer + 1, found.layers().size());
  }

  /// Lays the layer over those below, and holds it against the configuration.
  private void look(Descriptor layer, Digest diffId, LayoutStore source) throws IOException {
    LayerEntries.Walked walked;
    try (InputStream bytes = source.blob(layer);
        BufferedInputStream in = new BufferedInputStream(bytes, 1 << 16)) {
      requireReadable(in);
      walked = files.add(in);
    } catch (OciException e) {
      throw e;
    } catch (IOException e) {
      throw found.name().damaged("layer %s: %s".formatted(layer.digest(), e.getMessage())).cause(e);
    }
    if (!walked.diffId().equals(diffId)) {
      throw found
          .name()
          .damaged(
              "layer %s: its content is %s, the configuration names %s"
                  .formatted(layer.digest(), walked.diffId(), diffId));
    }
    Descriptor typed = Descriptor.of(walked.mediaType(), layer.digest(), layer.size());
    layers.add(new Fetched(typed, diffId, source));
  }

  private void requireReadable(BufferedInputStream in) throws IOException {
    in.mark(ZSTD.length);
    boolean zstd = java.util.Arrays.equals(in.readNBytes(ZSTD.length), ZSTD);
    in.reset();
    if (zstd) {
      throw found
          .name()
          .unsuitable(
              "its layers are compressed with zstd, which many container engines cannot read")
          .hint("skopeo copy --dest-compress-format gzip docker://FROM docker://TO, then use TO");
    }
  }

  /// @throws Failure USAGE when what this installation brings along would not run there
  Fit requireFit(RunnerParts parts) throws IOException {
    if (found.config().labels().containsKey(Labels.RUNNER_VERSION) || files.hasBelow("opt/mlo")) {
      throw unusable("it is an image of mlo itself")
          .hint("take the base it was made on, or: mlo runner build --base bundled");
    }
    if (files.hasBelow("models")) {
      throw unusable("it has files in /models, where the model goes");
    }
    for (String directory : OURS) {
      if (files.isInTheWay(directory)) {
        throw unusable("in it, /%s is no directory, or leads through a link".formatted(directory));
      }
    }
    Processor processor = Processor.of(found.config().platform());
    if (files.content(processor.loader()).isEmpty()) {
      throw unusable(
          files.has(processor.muslLoader())
              ? "its C library is musl (as in Alpine), not glibc: Java and the engines need glibc"
              : "it has no C library: there is no " + processor.loader());
    }
    if (!RunnerParts.isForeign(found.config().platform())) {
      return new Fit(
          LibraryWalk.of(this, processor, parts.installation().java(), parts.loaded()).glibc(),
          null);
    }
    BaseJava java = BaseJava.of(files, found.config(), this, parts.installation());
    var loaded = new ArrayList<>(java.libraries());
    loaded.addAll(parts.natives(found.config().platform()));
    Path program = loaded.removeFirst();
    return new Fit(LibraryWalk.of(this, processor, program, loaded).glibc(), java);
  }

  /// Brings the layers into the installation's store, and with them what the runner expects and the
  /// base lacks.
  Foundation lay(LayerPlace place, Fit fit, BuildLog log) throws IOException {
    List<Layer> all = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Fetched layer = layers.get(i);
      Descriptor descriptor = layer.descriptor.with(Labels.LAYER_ROLE, Labels.ROLE_BASE);
      all.add(place.bring(name(i), descriptor, layer.diffId, layer.source));
    }
    all.add(place.put("user and locale", Labels.ROLE_BASE, additions(log)));
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(RunnerImage.BASE_LABEL, found.name().recorded());
    labels.put(RunnerImage.BASE_DIGEST_LABEL, found.digest().toString());
    labels.put(RunnerImage.GLIBC_LABEL, fit.glibc);
    if (fit.java != null) {
      labels.put(
          RunnerImage.JAVA_LABEL,
          "%s, %s of the base".formatted(fit.java.version(), fit.java.home()));
    }
    labels.putAll(RunConfig.labelsOf(found.config()));
    return new Foundation(
        found.config().platform(),
        all,
        RunConfig.environmentOf(found.config()),
        labels,
        Map.of(),
        fit.java);
  }

  private LayerWriter additions(BuildLog log) throws IOException {
    LayerWriter layer = new LayerWriter();
    Optional<Path> locale = BundledBase.locale();
    if (locale.isPresent()) {
      for (String target : List.of(BundledBase.C_LOCALE, BundledBase.US_LOCALE)) {
        if (!files.has(target)) {
          new Folder(locale.get()).addTo(layer, target, _ -> true);
        }
      }
      if (!files.has(BundledBase.US_SHORT)) {
        BundledBase.shortName(layer);
      }
    } else if (!files.has(BundledBase.US_LOCALE)) {
      log.note("neither base nor machine has the locale C.UTF-8: some text models will not load");
    }
    add(layer, "etc/passwd", "mlo:x:%1$d:%1$d:mlo:/var/lib/mlo:/sbin/nologin\n");
    add(layer, "etc/group", "mlo:x:%1$d:\n");
    BundledBase.state(layer);
    layer.directory("models", 0755, LayerWriter.Owner.ROOT);
    if (!files.has("tmp")) {
      layer.directory("tmp", 01777, LayerWriter.Owner.ROOT);
    }
    return layer;
  }

  /// The runner's user as one more line, unless the base has a user of that number.
  private void add(LayerWriter layer, String path, String line) throws IOException {
    String before = files.text(path).orElse("");
    boolean known =
        before
            .lines()
            .map(text -> text.split(":", -1))
            .anyMatch(parts -> parts.length > 2 && parts[2].equals(String.valueOf(RunConfig.USER)));
    if (!known && (files.isFile(path) || !files.has(path))) {
      String joint = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
      String text = before + joint + line.formatted(RunConfig.USER);
      layer.file(path, 0644, text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Override
  public Optional<Path> file(String path) {
    return files.content(path);
  }

  @Override
  public Failure unusable(String why) {
    return found.name().unsuitable(why);
  }

  @Override
  public Failure lacks(String library, String user) {
    return unusable("it lacks the library %s, which `%s` needs".formatted(library, user));
  }
}
