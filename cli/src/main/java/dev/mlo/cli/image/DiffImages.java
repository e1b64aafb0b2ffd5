package dev.mlo.cli.image;

import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Holds two images against each other, wherever they lie: what differs, and why their digests do.
/// Only documents are read, no layer.
public final class DiffImages {
  /// Where two images may differ.
  public enum Section {
    IMAGE,
    LAYER,
    FILE,
    CARD,
    INPUT,
    OUTPUT,
    EXAMPLE,
    METRIC,
    PROVENANCE,
    CONFIG
  }

  /// One difference.
  ///
  /// @param what the file, the tensor, the metric
  /// @param a what the first image has; `null`: nothing
  /// @param b what the second image has; `null`: nothing
  public record Difference(Section section, String what, @Nullable String a, @Nullable String b) {}

  /// One of the two.
  ///
  /// @param display what the person called it
  public record Side(
      String display, ImageView view, ImageConfig config, Optional<Provenance> provenance) {
    CardFacts facts() {
      return new CardFacts(view.card());
    }
  }

  /// @param causes why the digests differ, the weightiest first; empty when they do not
  /// @param hindrances why a client of the first could not go on with the second
  /// @param shared layers that both have
  public record Result(
      Side a,
      Side b,
      boolean same,
      List<String> causes,
      List<Difference> differences,
      List<String> hindrances,
      List<Descriptor> shared) {
    public Result {
      causes = List.copyOf(causes);
      differences = List.copyOf(differences);
      hindrances = List.copyOf(hindrances);
      shared = List.copyOf(shared);
    }
  }

  private DiffImages() {}

  public static Result diff(Images images, String first, String second) throws IOException {
    return new Comparison(side(images, first), side(images, second)).run();
  }

  private static Side side(Images images, String name) throws IOException {
    try (Images.Located found = images.open(name)) {
      ImageView view = ImageView.read(found.source(), found.root());
      ImageConfig config = ImageConfig.parse(found.source().manifest(view.manifest().config()));
      return new Side(found.display(), view, config, provenance(found, view));
    }
  }

  private static Optional<Provenance> provenance(Images.Located found, ImageView view)
      throws IOException {
    Digest subject = view.image().digest();
    Optional<Evidence> statement =
        Evidence.newest(Evidence.of(found.source(), subject), Evidence.Kind.PROVENANCE);
    return statement.isEmpty()
        ? Optional.empty()
        : Optional.of(Provenance.parse(statement.get().document(found.source()), subject));
  }
}
