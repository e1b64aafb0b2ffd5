package dev.mlo.cli.command;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.Installation;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.deploy.ModelTest;
import dev.mlo.cli.deploy.ServeLog;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.promote.ExampleTester;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;

/// Asks an image its examples as `mlo test` does, and keeps the result beside it.
final class ExamplesOfImage implements ExampleTester {
  private final ServeLog log;

  ExamplesOfImage(ServeLog log) {
    this.log = log;
  }

  @Override
  public TestResult test(LayoutStore store, Descriptor image) throws IOException {
    try {
      TestResult result =
          new ModelTest(Installation.current().java(), LayerCache.ofUser(), log)
              .test(store, image, image.digest().toString());
      result.attach(store, image);
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.of(ExitCode.INTERRUPTED, "interrupted while the examples were asked").cause(e);
    }
  }
}
