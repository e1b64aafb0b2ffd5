package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// All layouts of a project, looked at by somebody who shares no code with `mlo`: by skopeo, and
/// blob by blob.
final class StoredImages {
  /// Keys that hold a descriptor, or a list of them.
  private static final List<String> POINTERS = List.of("config", "layers", "manifests", "subject");

  private final Path project;
  private final boolean skopeo;

  /// Files whose bytes were read before. Blobs never change, so a file is read again only when it
  /// is another file.
  private final Set<List<Object>> whole = new HashSet<>();

  StoredImages(Path project) {
    this.project = project;
    this.skopeo =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "skopeo")));
  }

  boolean hasSkopeo() {
    return skopeo;
  }

  /// Reads everything that `index.json` leads to, in every layout, and has skopeo read every tag.
  void verify(String told) throws IOException {
    for (Path layout : layouts()) {
      JsonNode index = new ObjectMapper().readTree(layout.resolve("index.json").toFile());
      for (JsonNode entry : index.path("manifests")) {
        blob(layout, entry, told);
      }
      if (skopeo) {
        for (String tag : tags(index).keySet()) {
          Outcome read =
              Installed.start(
                      List.of("skopeo", "inspect", "--raw", "oci:" + layout + ":" + tag),
                      project,
                      Map.of())
                  .outcome(Duration.ofMinutes(1));
          assertThat(read.exit()).as("%s: %s: %s", told, tag, read.stderr()).isZero();
        }
      }
    }
  }

  /// A directory without the marker is no layout yet: a creation was interrupted.
  private List<Path> layouts() throws IOException {
    var found = new ArrayList<Path>(List.of(project.resolve(".mlo/store")));
    if (Files.isDirectory(project.resolve(".mlo/envs"))) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(project.resolve(".mlo/envs"))) {
        all.forEach(found::add);
      }
    }
    found.removeIf(layout -> !Files.exists(layout.resolve("oci-layout")));
    return found;
  }

  private static Map<String, String> tags(JsonNode index) {
    var tags = new TreeMap<String, String>();
    for (JsonNode entry : index.path("manifests")) {
      String name = entry.path("annotations").path("org.opencontainers.image.ref.name").asText("");
      if (!name.isEmpty()) {
        tags.put(name, entry.path("digest").asText());
      }
    }
    return tags;
  }

  /// What a tag points at, or nothing.
  String digest(String layout, String tag) throws IOException {
    Path index = project.resolve(layout).resolve("index.json");
    return Files.exists(index)
        ? tags(new ObjectMapper().readTree(index.toFile())).getOrDefault(tag, "")
        : "";
  }

  private void blob(Path layout, JsonNode descriptor, String told) throws IOException {
    String digest = descriptor.path("digest").asText();
    Path file = layout.resolve("blobs").resolve(digest.replace(':', '/'));
    String named = "%s: %s of %s".formatted(told, digest, layout);
    assertThat(file).as(named).isRegularFile().hasSize(descriptor.path("size").asLong());
    List<Object> identity =
        List.of(digest, Files.getAttribute(file, "unix:ino"), Files.getLastModifiedTime(file));
    if (whole.contains(identity)) {
      return;
    }
    assertThat("sha256:" + sha256(file)).as(named).isEqualTo(digest);
    if (descriptor.path("mediaType").asText().matches(".*(manifest|index).*")) {
      JsonNode document = new ObjectMapper().readTree(file.toFile());
      for (String pointer : POINTERS) {
        JsonNode pointed = document.path(pointer);
        if (pointed.isArray()) {
          for (JsonNode one : pointed) {
            blob(layout, one, told);
          }
        } else if (pointed.isObject()) {
          blob(layout, pointed, told);
        }
      }
    }
    whole.add(identity);
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        var hashed = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[1 << 20];
      while (hashed.read(buffer) >= 0) {
        // Read for its hash only.
      }
      return HexFormat.of().formatHex(hashed.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Files that something was writing and nobody has removed.
  static List<Path> leftOvers(Path tree) {
    if (!Files.isDirectory(tree)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(tree)) {
      return all.filter(file -> String.valueOf(file.getFileName()).matches("\\.tmp-.*|.*\\.tmp"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
