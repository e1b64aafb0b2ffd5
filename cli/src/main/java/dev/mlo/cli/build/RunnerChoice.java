package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Digest;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the runner image for each platform a model's image is made for: the one the manifest pins,
/// else the one in use.
final class RunnerChoice {
  private final RunnerStore images;
  private final RunnerImage maker;
  private final ImageBuild.Request request;
  private final Optional<Digest> preferred;

  /// @param preferred what the model stands on already; taken where it is here and nothing is
  ///   pinned
  RunnerChoice(
      Installation installation,
      BuildLog log,
      ImageBuild.Request request,
      Optional<Digest> preferred) {
    this.preferred = preferred;
    this.images = new RunnerStore(installation);
    this.maker = new RunnerImage(installation, log);
    this.request = request;
  }

  /// One for each platform, sorted, so that the order they were named in changes no digest.
  ///
  /// @param format of the model
  /// @throws Failure NOT_FOUND when there is no runner image for a platform, MANIFEST when the
  ///   pinned one is not here or there is no engine
  List<Stand> stands(String format) throws IOException {
    var stands = new ArrayList<Stand>();
    for (Platform platform : platforms()) {
      RunnerStore.Stored runner = runner(platform);
      RunnerStore.@Nullable Engine engine = runner.engines().get(format);
      if (engine == null) {
        throw Failure.of(ExitCode.MANIFEST, "there is no engine for models in the format " + format)
            .why(
                "the runner image for %s has %s"
                    .formatted(platform, String.join(", ", runner.engines().keySet())));
      }
      stands.add(new Stand(runner, engine));
    }
    return stands;
  }

  private List<Platform> platforms() {
    List<Platform> declared = request.project().image().platforms();
    List<Platform> wanted = request.platforms().isEmpty() ? declared : request.platforms();
    return wanted.isEmpty()
        ? List.of(Platform.current())
        : wanted.stream().distinct().sorted(Comparator.comparing(Platform::toString)).toList();
  }

  private RunnerStore.Stored runner(Platform platform) throws IOException {
    Processor.of(platform);
    @Nullable String pinned = request.project().image().runner();
    if (pinned != null) {
      return pinned(pinned, platform);
    }
    if (preferred.isPresent()) {
      Optional<RunnerStore.Stored> same = images.find(preferred.get(), platform);
      if (same.isPresent()) {
        return same.get();
      }
    }
    if (!RunnerParts.isForeign(platform) && !request.dryRun()) {
      return maker.ensure(request.created(), Images.of(request.project()));
    }
    Optional<RunnerStore.Stored> used = images.inUse(platform);
    if (used.isEmpty()) {
      throw none(platform);
    }
    if (!used.get().isCompatible()) {
      throw Failure.of(ExitCode.NOT_FOUND, "the runner image for %s is too old".formatted(platform))
          .why(
              "it is of mlo %s, this is %s".formatted(used.get().version(), Installation.version()))
          .hint(build(platform));
    }
    return used.get();
  }

  private Failure none(Platform platform) {
    if (RunnerParts.isForeign(platform)) {
      return Failure.of(ExitCode.NOT_FOUND, "there is no runner image for " + platform)
          .why("an image for another platform stands on a base of that platform, with Java in it")
          .hint(build(platform));
    }
    return Failure.of(ExitCode.NOT_FOUND, "there is no shared runner image yet")
        .why("a dry run writes nothing, so it cannot make one")
        .hint("mlo runner build");
  }

  private static String build(Platform platform) {
    return "mlo runner build --platform %s --base eclipse-temurin:25-jre".formatted(platform);
  }

  private RunnerStore.Stored pinned(String reference, Platform platform) throws IOException {
    Digest digest = Digest.parse(reference.substring(reference.lastIndexOf('@') + 1));
    Optional<RunnerStore.Stored> found = images.find(digest, platform);
    if (found.isPresent()) {
      return found.get();
    }
    Failure failure =
        Failure.of(ExitCode.MANIFEST, "the manifest pins a runner image that is not here")
            .why("`image.runner` is " + reference)
            .hint("mlo runner use " + reference);
    throw images.has(digest) ? failure.why("what is here of it is not for " + platform) : failure;
  }
}
