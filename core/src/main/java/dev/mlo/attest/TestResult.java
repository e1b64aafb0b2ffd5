package dev.mlo.attest;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Whether an image answered its golden examples: an in-toto statement whose subject is the image's
/// digest, kept in the image's store as a referrer.
///
/// @param testedAt UTC, ISO 8601
/// @param examples one entry an example, in the order of the card
public record TestResult(
    Digest subject, boolean passed, String testedAt, String runner, List<Example> examples) {
  /// @param differences why it failed; empty when it passed
  /// @param millis how long the answer took
  public record Example(String name, boolean passed, double millis, List<String> differences) {}

  public static final String ARTIFACT_TYPE = "application/vnd.mlo.test-result.v1+json";

  /// Writes the statement beside the image; the newest counts.
  ///
  /// @return the referrer's manifest
  public Descriptor attach(LayoutStore store, Descriptor image) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// The newest result for a digest.
  public static Optional<TestResult> find(LayoutStore store, Digest subject) throws IOException {
    throw new UnsupportedOperationException();
  }
}
