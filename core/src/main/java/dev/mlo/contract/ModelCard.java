package dev.mlo.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What an image says of its model: the label [Labels#CARD] of the image's configuration, and
/// `/models/mlops.json`. It decides the digest, so nothing in it depends on a clock, a user or a
/// path of the machine that built it.
///
/// @param schema `mlo/v1`
/// @param format the engine the model needs: `onnx`, `pmml`
/// @param entry the file the engine opens, relative to `/models`
/// @param files every model file, sorted by path
/// @param digest the digest of the list of model files: what "the same model" means
/// @param provenance data, metrics and training as the manifest gives them
public record ModelCard(
    String schema,
    String name,
    String version,
    @Nullable String description,
    @Nullable String license,
    List<String> authors,
    Map<String, String> labels,
    String format,
    String entry,
    Signature signature,
    @Nullable JsonNode parameters,
    List<File> files,
    String digest,
    List<Example> examples,
    ServeSettings serve,
    @Nullable JsonNode provenance) {
  public static final String SCHEMA = "mlo/v1";

  /// A file below `/models`; size in bytes, digest as `sha256:…`.
  public record File(String path, long size, String digest) {}

  /// A golden example: two files below `/models`, and how far an answer may be from the expected
  /// one, relative to the larger of 1 and its magnitude.
  public record Example(
      String request,
      String response,
      double tolerance,
      String requestDigest,
      String responseDigest) {}

  public ModelCard {
    if (!schema.equals(SCHEMA)) {
      throw new IllegalArgumentException("the card's schema is `" + schema + "`, not " + SCHEMA);
    }
    authors = List.copyOf(authors);
    labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
    files = List.copyOf(files);
    examples = List.copyOf(examples);
  }

  /// The same model under another version.
  public ModelCard withVersion(String version) {
    return new ModelCard(
        schema,
        name,
        version,
        description,
        license,
        authors,
        labels,
        format,
        entry,
        signature,
        parameters,
        files,
        digest,
        examples,
        serve,
        provenance);
  }

  /// What [#digest] is: the SHA-256 of one line a file, `DIGEST SIZE PATH` and a line feed, sorted
  /// by path.
  public static String digest(List<File> files) {
    var lines = new StringBuilder();
    files.stream()
        .sorted(Comparator.comparing(File::path))
        .forEach(file ->
            lines
                .append(file.digest())
                .append(' ')
                .append(file.size())
                .append(' ')
                .append(file.path())
                .append('\n'));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
