package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/// What a Docker Engine exports (`docker save`), as a place to read one image from; and the files
/// of that form that podman, `skopeo copy … docker-archive:` and `crane pull` write.
///
/// An engine keeps the configuration of an image and what its layers hold, byte for byte, but in
/// general neither the manifest nor the compression. So the manifest is the one of the export where
/// that has one that says what the layers are for; else it is made anew here. It has the digest it
/// once had when nothing was lost.
public final class DockerArchive implements ImageSource, Closeable {
  private static final int MAX_LAYERS = 1_000;

  /// What the manifest of an image said beside its layers.
  ///
  /// @param layers for each one its annotations, or an empty list
  /// @param image the annotations of the whole
  public record Notes(List<Map<String, String>> layers, Map<String, String> image) {
    public static final Notes NONE = new Notes(List.of(), Map.of());
  }

  private final TarFile tar;
  private final String place;
  private final DockerExport export;
  private final Map<Digest, String> paths = new HashMap<>();
  private final Map<Digest, byte[]> documents = new HashMap<>();
  private final Descriptor root;

  private DockerArchive(TarFile tar, String place, Function<ImageConfig, Notes> notes)
      throws IOException {
    this.tar = tar;
    this.place = place;
    this.export = DockerExport.of(tar, place);
    @Nullable Descriptor kept = export.has("index.json") ? kept() : null;
    this.root = kept == null ? made(notes) : kept;
  }

  /// Reads an export to its end, into a file that is gone when this is closed, however that comes
  /// about.
  ///
  /// @param directory for the file
  /// @param notes what a manifest that is made anew says
  /// @throws DocumentException when it is no such export, or of more than one image
  public static DockerArchive read(
      InputStream export, Path directory, String place, Function<ImageConfig, Notes> notes)
      throws IOException {
    Files.createDirectories(directory);
    TempFiles temporaries = new TempFiles(directory);
    temporaries.sweep();
    Path file = temporaries.fresh();
    @Nullable TarFile tar = null;
    @Nullable DockerArchive archive = null;
    try {
      keep(export, file, place);
      tar = new TarFile(file);
      archive = new DockerArchive(tar, place, notes);
      return archive;
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw DocumentException.of("read the export of " + place, e);
    } finally {
      Files.deleteIfExists(file);
      if (archive == null && tar != null) {
        tar.close();
      }
    }
  }

  private static void keep(InputStream export, Path file, String place) throws IOException {
    try {
      Files.copy(export, file);
    } catch (IOException e) {
      throw StoreException.of("read the export of " + place, e);
    }
  }

  /// Whether a file is an export without an OCI layout in it, as engines before 25 and other tools
  /// write them.
  public static boolean is(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (TarFile tar = new TarFile(file)) {
      DockerExport export = DockerExport.of(tar, file.toString());
      return export.has("manifest.json") && !export.has("oci-layout");
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      // What is no tar at all is told by whoever opens it.
      return false;
    }
  }

  /// Reads such a file where it lies.
  ///
  /// @param notes what the manifest says, which is made anew
  /// @throws DocumentException when it is no such export, or of more than one image
  public static DockerArchive open(Path file, String place, Function<ImageConfig, Notes> notes)
      throws IOException {
    @Nullable TarFile tar = null;
    @Nullable DockerArchive archive = null;
    try {
      tar = new TarFile(file);
      archive = new DockerArchive(tar, place, notes);
      return archive;
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw DocumentException.of("read " + place, e);
    } finally {
      if (archive == null && tar != null) {
        tar.close();
      }
    }
  }

  /// The image as the export's own index has it, when its layers say what they are for.
  private @Nullable Descriptor kept() throws IOException {
    LayoutIndex index = LayoutIndex.parse(export.small("index.json"), place + ": index.json");
    List<Descriptor> images = index.all();
    if (images.size() != 1) {
      return null;
    }
    Descriptor only = images.getFirst();
    export.blobs().forEach(digest -> paths.put(digest, DockerManifest.path(digest)));
    if (!MediaTypes.isManifest(only.mediaType())) {
      return only;
    }
    boolean told =
        Manifest.parse(manifest(only)).layers().stream()
            .anyMatch(layer -> !layer.annotations().isEmpty());
    return told ? only.bare() : null;
  }

  private Descriptor made(Function<ImageConfig, Notes> notes) throws IOException {
    JsonNode image = image();
    byte[] config = export.small(image.path("Config").asText());
    ImageConfig parsed = ImageConfig.parse(config);
    List<Digest> diffIds = parsed.diffIds();
    Notes said = notes.apply(parsed);
    var layers = new ArrayList<Descriptor>();
    for (JsonNode layer : image.path("Layers")) {
      if (layers.size() == Math.min(diffIds.size(), MAX_LAYERS)) {
        throw new DocumentException(place + ": more layers than its configuration knows");
      }
      Map<String, String> note =
          said.layers().isEmpty() ? Map.of() : said.layers().get(layers.size());
      String path = layer.asText();
      Descriptor found = layer(path, diffIds.get(layers.size()));
      layers.add(new Descriptor(found.mediaType(), found.digest(), found.size(), note, null, null));
      paths.put(found.digest(), path);
    }
    if (layers.size() != diffIds.size()) {
      throw new DocumentException(place + ": fewer layers than its configuration knows");
    }
    Descriptor described = document(MediaTypes.CONFIG, config);
    Manifest manifest =
        new Manifest(MediaTypes.MANIFEST, null, described, layers, null, said.image());
    return document(MediaTypes.MANIFEST, manifest.write()).withPlatform(parsed.platform());
  }

  /// `crane` leaves layers compressed as they were.
  private Descriptor layer(String path, Digest diffId) throws IOException {
    try (var in = new BufferedInputStream(export.open(path))) {
      if (!LayerReader.isGzip(in)) {
        return Descriptor.of(MediaTypes.LAYER_TAR, diffId, export.size(path));
      }
      HashedInput hashed = new HashedInput(in, export.size(path));
      hashed.drain();
      return Descriptor.of(MediaTypes.LAYER_TAR_GZIP, hashed.digest(), export.size(path));
    }
  }

  private JsonNode image() throws IOException {
    try {
      JsonNode images = Json.parse(export.small("manifest.json"));
      if (!images.isArray() || images.size() != 1) {
        throw new DocumentException(place + ": `manifest.json` does not list one image");
      }
      return images.get(0);
    } catch (JsonFormatException e) {
      throw new DocumentException(place + ": manifest.json: " + e.getMessage());
    }
  }

  private Descriptor document(String mediaType, byte[] bytes) {
    Descriptor descriptor = Descriptor.of(mediaType, bytes);
    documents.put(descriptor.digest(), bytes);
    return descriptor;
  }

  /// The image.
  public Descriptor root() {
    return root;
  }

  /// Whether its manifest had to be made anew.
  public boolean isRemade() {
    return documents.containsKey(root.digest());
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    if (reference.equals(root.digest().toString())) {
      return root;
    }
    throw new NotFoundException("`%s` is not in %s".formatted(reference, place));
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    Documents.bounded(descriptor);
    try (InputStream in = blob(descriptor)) {
      return in.readAllBytes();
    }
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    byte @Nullable [] document = documents.get(descriptor.digest());
    @Nullable String path = paths.get(descriptor.digest());
    if (document == null && path == null) {
      throw new NotFoundException("%s is not in %s".formatted(descriptor.digest(), place));
    }
    InputStream in =
        document == null
            ? export.open(String.valueOf(path))
            : new java.io.ByteArrayInputStream(document);
    return new VerifiedStream(in, descriptor, place);
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) {
    return Optional.empty();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) {
    return List.of();
  }

  @Override
  public String describe() {
    return place;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
