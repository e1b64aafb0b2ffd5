package dev.mlo.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The `manifest.json` that `docker load` reads: configuration and layers of each image by their
/// place in the archive, and the names to give it (Docker image specification 1.2).
final class DockerManifest {
  private static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  private DockerManifest() {}

  static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /// Of an image for several platforms, the one for this machine's processor; artifacts that are no
  /// images are left out.
  static byte[] of(Map<String, Descriptor> names, Map<Digest, byte[]> documents)
      throws DocumentException {
    var tags = new LinkedHashMap<Digest, ArrayNode>();
    ArrayNode list = Json.array();
    for (var name : names.entrySet()) {
      @Nullable Manifest manifest = runnable(name.getValue(), documents);
      if (manifest == null) {
        continue;
      }
      ArrayNode repoTags =
          tags.computeIfAbsent(manifest.config().digest(), _ -> add(list, manifest));
      if (DockerTag.isTag(name.getKey())) {
        repoTags.add(name.getKey());
      }
    }
    return Json.compact(list);
  }

  private static ArrayNode add(ArrayNode list, Manifest manifest) {
    ObjectNode entry = list.addObject().put("Config", path(manifest.config().digest()));
    ArrayNode repoTags = entry.putArray("RepoTags");
    ArrayNode layers = entry.putArray("Layers");
    manifest.layers().forEach(layer -> layers.add(path(layer.digest())));
    return repoTags;
  }

  private static @Nullable Manifest runnable(Descriptor descriptor, Map<Digest, byte[]> documents)
      throws DocumentException {
    byte @Nullable [] bytes = documents.get(descriptor.digest());
    if (bytes == null) {
      return null;
    }
    if (MediaTypes.isIndex(descriptor.mediaType())) {
      Platform platform = new Platform("linux", Platform.current().architecture());
      for (Descriptor child : Index.parse(bytes).manifests()) {
        if (platform.equals(child.platform()) && MediaTypes.isManifest(child.mediaType())) {
          return runnable(child, documents);
        }
      }
      return null;
    }
    Manifest manifest = Manifest.parse(bytes);
    String config = manifest.config().mediaType();
    return config.equals(MediaTypes.CONFIG) || config.equals(DOCKER_CONFIG) ? manifest : null;
  }
}
