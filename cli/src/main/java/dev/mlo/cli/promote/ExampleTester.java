package dev.mlo.cli.promote;

import dev.mlo.attest.TestResult;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;

/// Runs a model image and asks it its golden examples.
@FunctionalInterface
public interface ExampleTester {
  /// Answers with the result, which is then kept in `store` beside the image.
  TestResult test(LayoutStore store, Descriptor image) throws IOException;
}
