package dev.mlo.cli.demo;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.Installation;
import dev.mlo.cli.build.BuildLog;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.deploy.ModelTest;
import dev.mlo.cli.deploy.RunnerSettings;
import dev.mlo.cli.deploy.Serve;
import dev.mlo.cli.deploy.ServeLog;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.cli.promote.Actor;
import dev.mlo.cli.promote.Author;
import dev.mlo.cli.promote.Promoter;
import dev.mlo.cli.promote.Promotion;
import dev.mlo.cli.promote.PromotionLog;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The life of a model on one machine, from file to hot swap: two versions are built, tested and
/// promoted to the last environment, one serves, and under load the two take turns, a wrong one is
/// turned away, and the last swap is taken back.
public final class Demo {
  private static final String FIRST = "1.0.0";
  private static final String SECOND = "2.0.0";
  private static final String WRONG = "wrong";

  /// @param requests at least so many are asked
  /// @param swaps how often the model is replaced
  /// @param keep leave the project where it is
  public record Request(long requests, int swaps, boolean keep) {}

  private final Installation installation;
  private final BuildLog building;
  private final DemoLog log;

  public Demo(Installation installation, BuildLog building, DemoLog log) {
    this.installation = installation;
    this.building = building;
    this.log = log;
  }

  public DemoResult run(Request request) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path examples = installation.examples().resolve("iris");
    if (!Files.isDirectory(examples)) {
      throw Failure.of(ExitCode.NOT_FOUND, "the example `iris` is not installed")
          .why("there is no " + examples)
          .hint("install mlo again");
    }
    try (Scratch scratch = Scratch.create(request.keep())) {
      Path directory = scratch.directory().resolve("iris");
      LayerCache cache = new LayerCache(scratch.directory().resolve("layers"));
      Release first = release(examples.resolve(FIRST), directory, cache);
      Project project = ProjectReader.read(directory);
      String last = project.environments().getLast().name();
      try (Images.Located served = Images.of(project).open("env:" + last);
          Serve.Served runner =
              new Serve(installation.java(), cache, project.workspace(), silent())
                  .start(
                      served,
                      new Serve.Place("127.0.0.1", 0, OptionalInt.empty(), 0),
                      RunnerSettings.NONE)) {
        log.serving(first.built().name(), runner.runner().http());
        Release second = release(examples.resolve(SECOND), directory, cache);
        Release wrong = build(examples.resolve(WRONG), directory);
        Contest contest = new Contest(runner, List.of(first, second), wrong, log);
        Contest.Score score = contest.run(project, request.requests(), request.swaps());
        return result(
            score,
            digests(project, second, score),
            (System.nanoTime() - start) / 1e9,
            request.keep() ? directory : null);
      }
    }
  }

  /// From the files to the last environment.
  private Release release(Path files, Path directory, LayerCache cache)
      throws IOException, InterruptedException {
    Release release = build(files, directory);
    Project project = ProjectReader.read(directory);
    LayoutStore store = LayoutStore.open(project.workspace().store());
    TestResult tested =
        new ModelTest(installation.java(), cache, silent())
            .test(store, release.built().image(), release.built().name());
    tested.attach(store, release.built().image());
    if (!tested.passed()) {
      throw Failure.of(ExitCode.REFUSED, "`%s` failed its test".formatted(release.built().name()))
          .why(tested.examples().stream().flatMap(e -> e.differences().stream()).toList());
    }
    log.tested(release.built().name(), tested.examples().size());
    promote(project, release);
    return release;
  }

  private Release build(Path files, Path directory) throws IOException {
    Scratch.copy(files, directory);
    Project project = ProjectReader.read(directory);
    ImageBuild.Result built =
        new ImageBuild(installation, building)
            .build(
                new ImageBuild.Request(
                    project,
                    List.of(),
                    List.of(),
                    Created.fromEnvironment(Map.of()),
                    ImageBuild.Locking.OFF,
                    false));
    log.built(built);
    return Release.of(built, project);
  }

  private void promote(Project project, Release release) throws IOException {
    Author author =
        new Author(
            Actor.current(project.directory()), Installation.version(), InstantSource.system());
    Promoter promoter =
        new Promoter(
            project,
            author,
            (_, _) -> {
              throw Failure.of(ExitCode.UNEXPECTED, "the image was to be tested once only");
            },
            PromotionLog.SILENT);
    @Nullable String from = release.built().name();
    for (Environment environment : project.environments()) {
      promoter.promote(new Promotion(from, environment.name(), null, false, "mlo demo", null));
      log.promoted(release.built().name(), environment.name(), release.built().digest());
      from = null;
    }
  }

  private static Map<String, String> digests(Project project, Release second, Contest.Score score)
      throws IOException {
    var digests = new LinkedHashMap<String, String>();
    for (Environment environment : project.environments()) {
      digests.put(
          environment.name(),
          Images.of(project).environments().pointer(environment.name()).root().digest().toString());
    }
    var different = new TreeSet<>(digests.values());
    different.add(second.built().digest().toString());
    if (different.size() > 1) {
      score.trouble().add("the environments hold other bytes than were built: " + digests);
    }
    return digests;
  }

  private static DemoResult result(
      Contest.Score score, Map<String, String> digests, double seconds, @Nullable Path kept) {
    Load.Counts counts = score.counts();
    return new DemoResult(
        counts.requests(),
        counts.failed(),
        counts.wrong(),
        score.swaps(),
        score.refused(),
        score.rollbacks(),
        digests,
        counts.requests() / score.loadSeconds(),
        DemoResult.Percentiles.of(counts.in(Load.Phase.BEFORE)),
        DemoResult.Percentiles.of(counts.in(Load.Phase.SWAPPING)),
        DemoResult.Percentiles.of(score.flips()),
        score.rollbackMillis(),
        seconds,
        score.trouble(),
        kept);
  }

  /// The story is told by the demo itself.
  private static ServeLog silent() {
    return new ServeLog() {
      @Override
      public void unpacking(String image) {}

      @Override
      public void loading(String image, String name) {}

      @Override
      public void starting(ModelCard card) {}

      @Override
      public void stopped(OptionalLong answered) {}

      @Override
      public void answered(String example, boolean passed, double millis) {}
    };
  }
}
