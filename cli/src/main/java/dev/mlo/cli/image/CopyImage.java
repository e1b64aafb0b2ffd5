package dev.mlo.cli.image;

import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.docker.EngineImages;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.TarArchiveWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Copies an image and everything said of it from one place to another, by digest, and gives it a
/// name there.
public final class CopyImage {
  /// @param force let a name that points at another image point at this one
  public record Request(String from, String to, boolean force, boolean dryRun) {}

  /// @param from what the image is called where it came from
  /// @param to what to type to get at the copy
  /// @param reference the copy by its digest, where its place has such names; else the digest
  /// @param tar the file that was written, when it is one
  /// @param notes what is another at the destination than at the source
  public record Result(
      String from,
      String to,
      Digest digest,
      String reference,
      @Nullable Path tar,
      Copy.Report moved,
      boolean dryRun,
      List<String> notes) {
    public Result {
      notes = List.copyOf(notes);
    }
  }

  private final Images images;
  private final CopyLog log;

  public CopyImage(Images images, CopyLog log) {
    this.images = images;
    this.log = log;
  }

  public Result copy(Request request) throws IOException {
    try (Images.Located source = images.open(request.from())) {
      return copy(request, source);
    }
  }

  /// Copies an image that was opened before; what the request calls it is for messages.
  public Result copy(Request request, Images.Located source) throws IOException {
    ImageName to = Images.parse(request.to());
    return switch (Destination.of(to, images, source)) {
      case Destination.Layout layout -> toLayout(request, source, layout);
      case Destination.Tar tar -> toTar(request, source, tar);
      case Destination.Repository repository -> toRegistry(request, source, repository);
      case Destination.Docker docker -> toDocker(request, source, docker);
    };
  }

  private Result toLayout(Request request, Images.Located from, Destination.Layout to)
      throws IOException {
    @Nullable LayoutStore store = Destination.existing(to);
    @Nullable Descriptor before = store == null ? null : store.tags().get(to.name());
    Digest digest = from.root().digest();
    refuseOther(request, to.display(), before, digest);
    Copy.Report moved;
    if (request.dryRun()) {
      moved = Copy.plan(from.source(), from.root(), store == null ? _ -> false : store::has);
    } else {
      LayoutStore target = store == null ? LayoutStore.create(to.directory()) : store;
      moved = Copy.copy(from.source(), from.root(), target, log);
      target.tag(to.name(), from.root(), before == null ? null : before.digest());
    }
    String reference = to.prefix() + digest;
    return new Result(
        from.display(),
        to.display(),
        digest,
        reference,
        null,
        moved,
        request.dryRun(),
        notes(from));
  }

  private static void refuseOther(
      Request request, String display, @Nullable Descriptor before, Digest digest) {
    if (before != null && !before.digest().equals(digest) && !request.force()) {
      throw Failure.of(ExitCode.CONFLICT, "`" + display + "` is another image already")
          .why("it points at " + before.digest())
          .why("the copy would be " + digest)
          .hint("mlo copy %s %s --force".formatted(request.from(), request.to()));
    }
  }

  private Result toRegistry(Request request, Images.Located from, Destination.Repository to)
      throws IOException {
    Digest digest = from.root().digest();
    refuseOther(request, to.display(), to.store().find(to.name()).orElse(null), digest);
    Copy.Report moved;
    if (request.dryRun()) {
      moved = Copy.plan(from.source(), from.root(), to.store()::has);
    } else {
      moved = Copy.copy(from.source(), from.root(), to.store(), log);
      to.store().tag(to.name(), from.root());
    }
    String reference = to.repository() + "@" + digest;
    return new Result(
        from.display(),
        to.display(),
        digest,
        reference,
        null,
        moved,
        request.dryRun(),
        notes(from));
  }

  private Result toTar(Request request, Images.Located from, Destination.Tar to)
      throws IOException {
    Copy.Report moved;
    if (request.dryRun()) {
      moved = Copy.plan(from.source(), from.root(), _ -> false);
    } else {
      try (TarArchiveWriter writer = TarArchiveWriter.create(to.file())) {
        moved = Copy.copy(from.source(), from.root(), writer, log);
        writer.tag(to.name(), from.root());
        writer.finish();
      }
    }
    Digest digest = from.root().digest();
    return new Result(
        from.display(),
        to.display(),
        digest,
        digest.toString(),
        to.file(),
        moved,
        request.dryRun(),
        notes(from));
  }

  private static List<String> notes(Images.Located from) {
    return from.source() instanceof DockerArchive archive && archive.isRemade()
        ? List.of(
            "Docker keeps no manifest: it was made anew, so the digest may be another than before")
        : List.of();
  }

  /// An engine holds images of its own platform, and only what it takes to run them.
  private Result toDocker(Request request, Images.Located from, Destination.Docker to)
      throws IOException {
    ImageView view = ImageView.read(from.source(), from.root());
    Descriptor manifest = view.image();
    try (DockerEngine engine = DockerEngine.find(System.getenv())) {
      EngineImages there = engine.images();
      Optional<EngineImages.Known> named = there.find(to.name());
      if (named.isPresent()
          && !named.get().is(manifest, view.manifest().config().digest())
          && !request.force()) {
        throw Failure.of(ExitCode.CONFLICT, "`" + to.display() + "` is another image already")
            .why("it is " + named.get().id())
            .why("the copy would be " + view.manifest().config().digest())
            .hint("mlo copy %s %s --force".formatted(request.from(), request.to()));
      }
      Copy.Report moved =
          request.dryRun()
              ? there.plan(from.source(), manifest)
              : there.load(from.source(), manifest, to.tag(), log).moved();
      return new Result(
          from.display(),
          to.display(),
          manifest.digest(),
          to.name(),
          null,
          moved,
          request.dryRun(),
          toDockerNotes(view, from));
    }
  }

  private static List<String> toDockerNotes(ImageView view, Images.Located from)
      throws IOException {
    var notes = new ArrayList<String>();
    notes.add("Docker calls it %s".formatted(view.manifest().config().digest()));
    int statements = from.source().referrers(view.image().digest()).size();
    if (statements > 0) {
      notes.add("Docker keeps no statements about images: %d stayed behind".formatted(statements));
    }
    return notes;
  }
}
