package dev.mlo.runner.model;

import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads model cards that anybody may have written.
final class Cards {
  private Cards() {}

  /// @throws VersionException when a field is missing, a path leaves the model directory or a
  ///   digest is none
  static ModelCard parse(byte[] json) throws VersionException {
    ModelCard card;
    try {
      card = Json.parse(json, ModelCard.class);
    } catch (JsonFormatException e) {
      throw invalid(String.valueOf(e.getMessage()), e);
    }
    try {
      check(card);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw invalid(String.valueOf(e.getMessage()), e);
    }
    return card;
  }

  private static VersionException invalid(String why, Exception cause) {
    return new VersionException("card_invalid", "the model card is not usable: " + why, cause);
  }

  private static void check(ModelCard card) {
    Stream.of(
            present(card.name(), "name"),
            present(card.version(), "version"),
            present(card.format(), "format"),
            present(card.entry(), "entry"))
        .filter(String::isEmpty)
        .findAny()
        .ifPresent(empty -> {
          throw new IllegalArgumentException("a name, version, format or entry is empty");
        });
    present(card.signature(), "signature");
    present(card.serve(), "serve");
    Digest.parse(present(card.digest(), "digest"));
    for (ModelCard.File file : card.files()) {
      checkPath(present(file.path(), "files.path"));
      Digest.parse(present(file.digest(), "files.digest"));
    }
    for (ModelCard.Example example : card.examples()) {
      checkPath(present(example.request(), "examples.request"));
      checkPath(present(example.response(), "examples.response"));
      Digest.parse(present(example.requestDigest(), "examples.requestDigest"));
      Digest.parse(present(example.responseDigest(), "examples.responseDigest"));
    }
    if (card.files().stream().noneMatch(file -> file.path().equals(card.entry()))) {
      throw new IllegalArgumentException("the entry `" + card.entry() + "` is not among its files");
    }
  }

  /// Records come from a parser that knows nothing of nullness.
  private static <T> T present(@Nullable T value, String field) {
    return Objects.requireNonNull(value, () -> "`" + field + "` is missing");
  }

  private static void checkPath(String text) {
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("`" + text + "` is no path", e);
    }
    boolean inside =
        !text.isEmpty()
            && !path.isAbsolute()
            && path.normalize().equals(path)
            && !path.startsWith("..");
    if (!inside) {
      throw new IllegalArgumentException("`" + text + "` is not inside the model directory");
    }
  }
}
