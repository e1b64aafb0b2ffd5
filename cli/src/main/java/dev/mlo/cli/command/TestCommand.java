package dev.mlo.cli.command;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.ServeNarration;
import dev.mlo.cli.console.TestReport;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.deploy.ModelTest;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.LayoutStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "test",
    description = "Ask an image its golden examples, in its own runner; keep the result with it.",
    footer = {"", "Examples:", "  mlo test", "  mlo test iris:1.0.0 -o json"})
public final class TestCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();
  @Mixin ImageArgument image = new ImageArgument();

  @Override
  protected ExitCode run(Console console) throws Exception {
    try (Images.Located located = image.open(project, console)) {
      TestResult result =
          new ModelTest(
                  Installation.current().java(), LayerCache.ofUser(), new ServeNarration(console))
              .test(located.source(), located.root(), located.display());
      boolean kept = located.source() instanceof LayoutStore;
      if (located.source() instanceof LayoutStore store) {
        result.attach(store, located.root());
      }
      boolean golden =
          !ImageView.read(located.source(), located.root())
              .model(located.display())
              .examples()
              .isEmpty();
      console.report(new TestReport(located.display(), result, golden, kept));
      return result.passed() ? ExitCode.DONE : ExitCode.REFUSED;
    }
  }
}
