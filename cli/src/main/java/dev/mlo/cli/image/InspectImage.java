package dev.mlo.cli.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.BillOfMaterials;
import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.attest.TestResult;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Everything an image says of itself, and what was said of it.
public final class InspectImage {
  /// @param display what the person called it
  /// @param evidence everything that was said of the image
  /// @param test the newest result of its golden examples
  /// @param provenance the one of the newest commit
  /// @param components how many the image's bill of materials names; 0 when there is none
  public record Result(
      String display,
      ImageView view,
      List<Evidence> evidence,
      Optional<TestResult> test,
      Optional<Provenance> provenance,
      int components) {
    public Result {
      evidence = List.copyOf(evidence);
    }
  }

  /// A document that was attached to an image.
  ///
  /// @param subject what it speaks of
  /// @param referrer the artifact it is, or its main part
  /// @param json its text
  public record Document(String display, Digest subject, Descriptor referrer, String json) {}

  private InspectImage() {}

  public static Result inspect(Images images, String name) throws IOException {
    try (Images.Located found = images.open(name)) {
      ImageView view = ImageView.look(found.source(), found.root());
      List<Evidence> evidence = evidence(found, view);
      Optional<Provenance> provenance = Optional.empty();
      Optional<Evidence> statement = Evidence.newest(evidence, Evidence.Kind.PROVENANCE);
      if (statement.isPresent()) {
        provenance =
            Optional.of(
                Provenance.parse(
                    statement.get().document(found.source()), subject(statement.get())));
      }
      return new Result(
          found.display(),
          view,
          evidence,
          TestResult.find(found.source(), found.root().digest()),
          provenance,
          components(found, evidence));
    }
  }

  /// Of what the name points at, and of the manifest where that is an index.
  private static List<Evidence> evidence(Images.Located found, ImageView view) throws IOException {
    var all = new ArrayList<>(Evidence.of(found.source(), found.root().digest()));
    if (!view.image().digest().equals(found.root().digest())) {
      all.addAll(Evidence.of(found.source(), view.image().digest()));
    }
    return all;
  }

  private static Digest subject(Evidence evidence) {
    return evidence.manifest().subject() == null
        ? evidence.referrer().digest()
        : evidence.manifest().subject().digest();
  }

  private static int components(Images.Located found, List<Evidence> evidence) throws IOException {
    Optional<Evidence> own = Evidence.newest(evidence, Evidence.Kind.BOM);
    return own.isEmpty()
        ? 0
        : BillOfMaterials.whole(own.get(), evidence, found.source()).path("components").size();
  }

  /// The document of a kind, laid out for reading. A bill of materials is put together from the
  /// parts that lie beside the image.
  ///
  /// @throws Failure NOT_FOUND when there is none
  public static Document document(Images images, String name, Evidence.Kind kind)
      throws IOException {
    try (Images.Located found = images.open(name)) {
      List<Evidence> evidence = evidence(found, ImageView.look(found.source(), found.root()));
      Evidence chosen =
          Evidence.newest(evidence, kind).orElseThrow(() -> missing(found.display(), kind));
      byte[] bytes = chosen.document(found.source());
      if (kind == Evidence.Kind.BOM) {
        ObjectNode whole = BillOfMaterials.whole(chosen, evidence, found.source());
        bytes = BillOfMaterials.write(whole);
      }
      return new Document(
          found.display(),
          subject(chosen),
          chosen.referrer(),
          new String(Json.pretty(Json.parse(bytes)), StandardCharsets.UTF_8));
    }
  }

  private static Failure missing(String display, Evidence.Kind kind) {
    String image = display.split(" ", 2)[0];
    return switch (kind) {
      case PROVENANCE ->
          Failure.of(ExitCode.NOT_FOUND, "nothing says where `" + image + "` comes from")
              .why("no SLSA provenance is attached to it")
              .hint("mlo build attaches it");
      case BOM ->
          Failure.of(ExitCode.NOT_FOUND, "`" + image + "` has no bill of materials")
              .why("no CycloneDX document is attached to it")
              .hint("mlo build attaches it");
      case TESTS ->
          Failure.of(ExitCode.NOT_FOUND, "`" + image + "` was not tested")
              .why("no test result is attached to it")
              .hint("mlo test " + image);
      case OTHER -> Failure.of(ExitCode.NOT_FOUND, "nothing else is attached to `" + image + "`");
    };
  }
}
