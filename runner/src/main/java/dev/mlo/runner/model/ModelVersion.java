package dev.mlo.runner.model;

import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A version on this machine's disk whose every file was held against its card.
///
/// @param directory where the model's files and the card lie
/// @param image what a person called the image, when anybody told
/// @param imageDigest the image manifest's digest, when anybody told
/// @param baked whether it came with the runner's own image
public record ModelVersion(
    ModelCard card,
    Path directory,
    @Nullable String image,
    @Nullable String imageDigest,
    boolean baked) {

  /// The largest card and example that are read whole: 16 MiB.
  private static final long MAX_DOCUMENT = 16L << 20;

  /// Reads the card of a directory and verifies every file it names.
  ///
  /// @throws VersionException when a file is missing, is no plain file, or has other bytes
  public static ModelVersion verified(
      Path directory, @Nullable String image, @Nullable String imageDigest, boolean baked)
      throws IOException, VersionException {
    Path file = directory.resolve(Labels.CARD_FILE);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new VersionException("card_missing", "`" + file + "` is not there");
    }
    ModelCard card = Cards.parse(document(file));
    for (ModelCard.File expected : card.files()) {
      verify(directory, expected.path(), expected.digest(), expected.size());
    }
    for (ModelCard.Example example : card.examples()) {
      verify(directory, example.request(), example.requestDigest(), -1);
      verify(directory, example.response(), example.responseDigest(), -1);
    }
    return new ModelVersion(card, directory, image, imageDigest, baked);
  }

  private static void verify(Path directory, String path, String digest, long size)
      throws IOException, VersionException {
    Path file = directory.resolve(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new VersionException("file_missing", "the model's file `" + path + "` is not there");
    }
    if (size >= 0 && Files.size(file) != size) {
      throw new VersionException(
          "file_mismatch",
          "`%s` has %d bytes, its card says %d".formatted(path, Files.size(file), size));
    }
    Digest actual = Digest.sha256(file);
    if (!actual.equals(Digest.parse(digest))) {
      throw new VersionException(
          "file_mismatch", "`%s` is %s, its card says %s".formatted(path, actual, digest));
    }
  }

  /// The parsed golden examples.
  List<Example> examples() throws IOException, VersionException {
    var examples = new java.util.ArrayList<Example>();
    for (ModelCard.Example listed : card.examples()) {
      examples.add(
          Example.parse(
              listed,
              document(directory.resolve(listed.request())),
              document(directory.resolve(listed.response()))));
    }
    return List.copyOf(examples);
  }

  private static byte[] document(Path file) throws IOException, VersionException {
    if (Files.size(file) > MAX_DOCUMENT) {
      throw new VersionException("card_invalid", "`" + file + "` is larger than 16 MiB");
    }
    return Files.readAllBytes(file);
  }
}
