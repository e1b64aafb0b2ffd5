package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Chooses the runner images that builds use: ones that are here, or ones that a team keeps in a
/// registry.
public final class RunnerUse {
  private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?[0-9a-f]{6,64}");

  /// @param changed whether builds for its platform used another one before
  public record Used(Platform platform, Digest digest, String version, boolean changed) {}

  /// @param root what was asked for: an image, or an index of several
  /// @param moved what was fetched; `null`: it was here
  public record Result(
      Digest root, List<Used> images, Copy.@Nullable Report moved, boolean dryRun) {
    public Result {
      images = List.copyOf(images);
    }
  }

  private record Candidate(Descriptor image, Platform platform, String version) {}

  private final Installation installation;
  private final RunnerStore images;
  private final CopyLog log;

  public RunnerUse(Installation installation, CopyLog log) {
    this.installation = installation;
    this.images = new RunnerStore(installation);
    this.log = log;
  }

  /// @param wanted the digest of one that is here, or its beginning; or the name of one elsewhere
  /// @param places where names lead to
  /// @throws Failure NOT_FOUND when there is none, REFUSED when it is no runner image that goes
  ///   with this `mlo`; then nothing changed
  public Result use(String wanted, Images places, boolean dryRun) throws IOException {
    if (DIGEST.matcher(wanted).matches()) {
      return here(images.named(wanted), dryRun);
    }
    ImageName name = Images.parse(wanted);
    if (name instanceof ImageName.InRegistry pinned
        && pinned.digest() != null
        && images.has(pinned.digest())) {
      return here(images.named(pinned.digest().toString()), dryRun);
    }
    return switch (name) {
      case ImageName.InRegistry _, ImageName.InLayout _, ImageName.InTar _ -> {
        try (Images.Located found = places.open(name)) {
          yield fetched(found, dryRun);
        }
      }
      case ImageName.InProject _, ImageName.InEnvironment _, ImageName.InDocker _ ->
          throw Failure.of(ExitCode.USAGE, "`" + wanted + "` names no runner image")
              .why(
                  "expected a digest of `mlo runner list`, HOST/REPOSITORY@sha256:…,"
                      + " oci:DIR[:NAME] or tar:FILE")
              .hint("mlo runner list");
    };
  }

  private Result here(Descriptor root, boolean dryRun) throws IOException {
    LayoutStore store = LayoutStore.open(installation.store());
    return chosen(store, root, candidates(store, root, root.digest().toString()), null, dryRun);
  }

  private Result fetched(Images.Located found, boolean dryRun) throws IOException {
    Descriptor root = found.root();
    List<Candidate> candidates = candidates(found.source(), root, found.display());
    if (dryRun) {
      Copy.Report plan = Copy.plan(found.source(), root, images::holds);
      return new Result(root.digest(), used(candidates), plan, true);
    }
    LayoutStore store = LayoutStore.create(installation.store());
    Copy.Report moved = Copy.copy(found.source(), root, store, log);
    return chosen(store, root, candidates, moved, false);
  }

  private Result chosen(
      LayoutStore store,
      Descriptor root,
      List<Candidate> candidates,
      Copy.@Nullable Report moved,
      boolean dryRun)
      throws IOException {
    List<Used> used = used(candidates);
    if (!dryRun) {
      RunnerStore.keep(store, root);
      for (Candidate candidate : candidates) {
        Descriptor image = candidate.image.bare().withPlatform(candidate.platform);
        RunnerStore.use(store, image, candidate.platform);
      }
    }
    return new Result(root.digest(), used, moved, dryRun);
  }

  private List<Used> used(List<Candidate> candidates) throws IOException {
    var used = new ArrayList<Used>();
    for (Candidate candidate : candidates) {
      Digest digest = candidate.image.digest();
      boolean same =
          images
              .inUse(candidate.platform)
              .filter(stored -> stored.image().digest().equals(digest))
              .isPresent();
      used.add(new Used(candidate.platform, digest, candidate.version, !same));
    }
    return used;
  }

  /// The images, known to be runner images that go with this `mlo`, their engines beside them.
  private static List<Candidate> candidates(ImageSource source, Descriptor root, String display)
      throws IOException {
    List<Descriptor> listed =
        MediaTypes.isIndex(root.mediaType())
            ? Index.parse(source.manifest(root)).manifests()
            : List.of(root);
    var candidates = new ArrayList<Candidate>();
    for (Descriptor image : listed) {
      candidates.add(candidate(source, image, display));
    }
    if (candidates.isEmpty()) {
      throw refused(display, "it is an index that lists nothing");
    }
    return candidates;
  }

  private static Candidate candidate(ImageSource source, Descriptor image, String display)
      throws IOException {
    if (!MediaTypes.isManifest(image.mediaType())) {
      throw refused(display, "it lists %s, which is no image".formatted(image.digest()));
    }
    Manifest manifest = Manifest.parse(source.manifest(image));
    if (!manifest.config().mediaType().equals(MediaTypes.CONFIG)) {
      throw refused(display, "it is an artifact, not an image");
    }
    ImageConfig config = ImageConfig.parse(source.manifest(manifest.config()));
    @Nullable String version = config.labels().get(Labels.RUNNER_VERSION);
    if (version == null || config.labels().containsKey(Labels.CARD)) {
      throw refused(
          display,
          version == null
              ? "it is no runner image: it has no label " + Labels.RUNNER_VERSION
              : "it is the image of a model");
    }
    if (!RunnerStore.goesWith(version)) {
      throw refused(
          display,
          "it is of mlo %s, this is %s"
              .formatted(version.replaceAll("\\p{Cntrl}", "?"), Installation.version()));
    }
    if (image.platform() != null && !image.platform().equals(config.platform())) {
      throw refused(
          display,
          "%s is listed for %s, but made for %s"
              .formatted(image.digest(), image.platform(), config.platform()));
    }
    Set<String> missing = new TreeSet<>(RunnerStore.namedEngines(config).keySet());
    if (missing.isEmpty()) {
      throw refused(display, "it names no engine");
    }
    missing.removeAll(RunnerStore.engines(source, image.digest(), config).keySet());
    if (!missing.isEmpty()) {
      throw refused(display, "its engines are not beside it: " + String.join(", ", missing));
    }
    return new Candidate(image, config.platform(), version);
  }

  private static Failure refused(String display, String why) {
    return Failure.of(
            ExitCode.REFUSED, "`%s` cannot be used as the runner image".formatted(display))
        .why(why)
        .hint("mlo runner push NAME sends one that can");
  }
}
