package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the model's files, each once, and makes its layers: one for each large file, then one for
/// all that is small.
final class Contents {
  static final String ROOT = "models/";

  private final LayerPlace place;
  private final BuildIndex index;
  private final Map<SourceFile, Digest> digests = new java.util.LinkedHashMap<>();
  private final List<Layer> layers = new ArrayList<>();

  Contents(LayerPlace place, BuildIndex index) {
    this.place = place;
    this.index = index;
  }

  /// Finds out what every file holds; large files become layers on the way.
  void read(List<SourceFile> files) throws IOException {
    for (SourceFile file : files) {
      digests.put(file, file.isLarge() ? large(file) : digest(file.name(), file));
    }
  }

  private Digest large(SourceFile file) throws IOException {
    Optional<Digest> known = index.digest(file.name(), file.stamp());
    Optional<Descriptor> before = index.layer(file.name(), file.stamp());
    if (known.isPresent() && before.isPresent() && place.had(before.get())) {
      layers.add(place.known(file.name(), Labels.ROLE_MODEL, before.get()));
      return known.get();
    }
    long since = FileStamp.now();
    HashedFile body = new HashedFile(file.path());
    LayerWriter layer = new LayerWriter().file(ROOT + file.name(), 0644, file.stamp().size(), body);
    Layer written;
    try {
      written = place.put(file.name(), Labels.ROLE_MODEL, layer);
    } catch (StoreException e) {
      file.requireUnchanged();
      throw e;
    }
    file.requireUnchanged();
    Digest digest = body.digest();
    index.remember(file.name(), file.stamp(), since, digest, written.descriptor());
    layers.add(written);
    return digest;
  }

  private Digest digest(String key, SourceFile file) throws IOException {
    Optional<Digest> known = index.digest(key, file.stamp());
    if (known.isPresent()) {
      return known.get();
    }
    long since = FileStamp.now();
    Digest digest = Digest.sha256(file.path());
    file.requireUnchanged();
    index.remember(key, file.stamp(), since, digest, null);
    return digest;
  }

  List<ModelCard.File> files() {
    return digests.entrySet().stream()
        .map(entry ->
            new ModelCard.File(
                entry.getKey().name(), entry.getKey().stamp().size(), entry.getValue().toString()))
        .toList();
  }

  /// The manifest's provenance with the size and the digest of each data set.
  @Nullable JsonNode provenance(Project project) throws IOException {
    if (project.provenance() == null) {
      return null;
    }
    JsonNode provenance = project.provenance().deepCopy();
    for (JsonNode data : provenance.path("data")) {
      if (data instanceof ObjectNode object && object.path("path").isTextual()) {
        Path path = project.directory().resolve(object.path("path").textValue());
        SourceFile file = new SourceFile(object.path("path").textValue(), path, FileStamp.of(path));
        object.put("size", file.stamp().size());
        object.put("digest", digest("/" + file.name(), file).toString());
      }
    }
    return provenance;
  }

  /// The layers, largest-first ones before the one that holds card, examples and small files, which
  /// is another for every version.
  List<Layer> layers(byte[] card, Examples examples) throws IOException {
    LayerWriter small = new LayerWriter();
    for (var entry : digests.entrySet()) {
      SourceFile file = entry.getKey();
      if (!file.isLarge()) {
        small.file(
            ROOT + file.name(), 0644, file.stamp().size(), unchanged(file, entry.getValue()));
      }
    }
    finish(small, card, examples);
    var all = new ArrayList<>(layers);
    all.add(place.put("model", Labels.ROLE_MODEL, small));
    return all;
  }

  /// What lies beside the small files of every model.
  static void finish(LayerWriter small, byte[] card, Examples examples) {
    small.file(ROOT + Labels.CARD_FILE, 0644, card);
    examples.addTo(small, ROOT);
  }

  LayerPlace place() {
    return place;
  }

  /// The body of a file that must still be what the card says.
  private static BlobWriter unchanged(SourceFile file, Digest expected) {
    return out -> {
      MessageDigest hasher = expected.hasher();
      Files.copy(file.path(), new DigestOutputStream(out, hasher));
      if (!Digest.of(expected.algorithm(), hasher.digest()).equals(expected)) {
        throw file.changed();
      }
    };
  }
}
