package dev.mlo.cli.command;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.promote.ExampleTester;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;

/// Asks an image its examples as `mlo test` does.
final class ExamplesOfImage implements ExampleTester {
  @Override
  public TestResult test(LayoutStore store, Descriptor image) {
    throw new UnsupportedOperationException();
  }
}
