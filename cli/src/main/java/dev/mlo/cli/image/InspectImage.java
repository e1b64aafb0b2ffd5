package dev.mlo.cli.image;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Descriptor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Everything an image says of itself, and what was said of it.
public final class InspectImage {
  /// @param display what the person called it
  /// @param referrers artifacts that speak of the image
  /// @param test the newest result of its golden examples
  public record Result(
      String display, ImageView view, List<Descriptor> referrers, Optional<TestResult> test) {
    public Result {
      referrers = List.copyOf(referrers);
    }
  }

  private InspectImage() {}

  public static Result inspect(Images images, String name) throws IOException {
    try (Images.Located found = images.open(name)) {
      ImageView view = ImageView.read(found.source(), found.root());
      return new Result(
          found.display(),
          view,
          found.source().referrers(found.root().digest()),
          TestResult.find(found.source(), found.root().digest()));
    }
  }
}
