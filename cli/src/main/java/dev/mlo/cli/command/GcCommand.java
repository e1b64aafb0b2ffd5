package dev.mlo.cli.command;

import dev.mlo.cli.build.BuildIndex;
import dev.mlo.cli.console.CollectNarration;
import dev.mlo.cli.console.CollectReport;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.image.CollectGarbage;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "gc",
    description = {
      "Remove what no name leads to: images whose name moved on, with what was said of them, and"
          + " what killed commands left.",
      "Notes of uploads that nobody can go on with, and of layers that are gone, go too; and so do"
          + " layers that `mlo run` and `mlo test` unpacked, of any project, where no runner uses"
          + " them: the next run unpacks them again.",
      "Safe beside builds, promotions and copies of the same project."
    },
    footer = {"", "Examples:", "  mlo gc --dry-run", "  mlo gc --keep 5"})
public final class GcCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Keep only the N newest versions of each model, and those that an environment points"
              + " at (default: all).")
  int keep;

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      defaultValue = "1h",
      converter = Durations.OrNone.class,
      description = "Leave what is younger: it may be about to get a name (default: 1h).")
  Duration grace = Duration.ofHours(1);

  @Option(names = "--dry-run", description = "Only say what would go.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    if (keep < 0) {
      throw Failure.of(ExitCode.USAGE, "`--keep " + keep + "` keeps fewer than no versions")
          .hint("mlo gc --keep 5");
    }
    Path index = project.workspace().buildIndex();
    LayerCache cache = LayerCache.ofUser();
    var collection =
        new CollectGarbage(
            project.images(),
            (gone, dry) -> BuildIndex.forget(index, gone, dry),
            (moment, dry) -> new CollectGarbage.Place(cache.directory(), cache.sweep(moment, dry)),
            new CollectNarration(console));
    console.report(
        new CollectReport(collection.collect(new CollectGarbage.Request(keep, grace, dryRun))));
    return ExitCode.DONE;
  }
}
