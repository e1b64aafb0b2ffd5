package dev.mlo.runner.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.runner.model.Durable;
import dev.mlo.runner.model.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a restart serves: `active.json`, replaced by a rename, with the pointer before it as
/// `active.json.bak`. A checksum tells a torn file from a true one.
///
/// @param swap the swap that wrote it; `null` for a rollback
/// @param baked the model digest of the runner's own image when this was written: another image
///   since then means that somebody deployed anew
record Pointer(
    long generation,
    Version active,
    @Nullable Version previous,
    @Nullable String swap,
    @Nullable String baked) {
  /// @param baked whether it lies in the runner's own image
  record Version(
      String version,
      String modelDigest,
      @Nullable String image,
      @Nullable String imageDigest,
      boolean baked) {
    static Version of(ModelVersion version) {
      return new Version(
          version.card().version(),
          version.card().digest(),
          version.image(),
          version.imageDigest(),
          version.baked());
    }
  }

  private static final String CHECK = "check";

  static Optional<Pointer> read(Path file) throws IOException {
    Optional<Pointer> pointer = readOne(file);
    return pointer.isPresent() ? pointer : readOne(backup(file));
  }

  private static Path backup(Path file) {
    return file.resolveSibling(file.getFileName() + ".bak");
  }

  private static Optional<Pointer> readOne(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode node = Json.parse(Files.readAllBytes(file));
      if (!(node instanceof ObjectNode object)) {
        return Optional.empty();
      }
      JsonNode check = object.remove(CHECK);
      if (check == null || !check.asText().equals(checksum(object))) {
        return Optional.empty();
      }
      return Optional.of(Json.convert(object, Pointer.class));
    } catch (JsonFormatException e) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    if (readOne(file).isPresent()) {
      // A second name for bytes that are on disk already; the rename below makes both names last.
      Path link = file.resolveSibling(file.getFileName() + ".link");
      Files.deleteIfExists(link);
      Files.createLink(link, file);
      Files.move(link, backup(file), StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(link);
    }
    ObjectNode node = Json.tree(this);
    Durable.write(file, Json.pretty(node.put(CHECK, checksum(node))));
  }

  private static String checksum(ObjectNode node) {
    CRC32C crc = new CRC32C();
    crc.update(Json.compact(node));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
