package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.CountedInput;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.DockerTag;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The images of an engine. An engine calls an image by the digest of its configuration; one with
/// the containerd image store, by the digest of its manifest.
public final class EngineImages {
  private static final int MAX_LOOKED_AT = 200;

  private final DockerClient client;

  EngineImages(DockerClient client) {
    this.client = client;
  }

  /// @param id the engine's own name for the image
  /// @param diffIds of its layers, lowest first
  public record Known(Digest id, List<Digest> diffIds) {
    public Known {
      diffIds = List.copyOf(diffIds);
    }

    /// Whether this is the image with this manifest.
    public boolean is(Descriptor manifest, Digest config) {
      return id.equals(config) || id.equals(manifest.digest());
    }
  }

  /// @param moved what went over the wire and what was there
  public record Loaded(Known image, Copy.Report moved) {}

  /// @param reference a name, or an id
  public Optional<Known> find(String reference) throws IOException {
    return inspect(reference).map(EngineImages::known);
  }

  private Optional<InspectImageResponse> inspect(String reference) throws IOException {
    return EngineFailures.told(
        "say whether it has " + reference,
        () -> {
          try {
            return Optional.of(client.inspectImageCmd(reference).exec());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  private static Known known(InspectImageResponse image) {
    @Nullable List<String> layers =
        image.getRootFS() == null ? null : image.getRootFS().getLayers();
    return new Known(
        Digest.parse(String.valueOf(image.getId())),
        layers == null ? List.of() : layers.stream().map(Digest::parse).toList());
  }

  /// The image with this manifest, whatever it is called there.
  public Optional<Known> find(Descriptor manifest, Digest config) throws IOException {
    Optional<Known> byConfig = find(config.toString());
    return byConfig.isPresent() ? byConfig : find(manifest.digest().toString());
  }

  /// Gives an image the engine has a name; a name that another image had goes over to it.
  public void tag(Known image, DockerTag name) throws IOException {
    EngineFailures.told(
        "name an image " + name,
        () -> client.tagImageCmd(image.id().toString(), name.repository(), name.tag()).exec());
  }

  /// Makes sure that the engine has the image under this name. Sent is what it lacks.
  ///
  /// @param manifest of one platform's image, no index
  public Loaded load(ImageSource source, Descriptor manifest, DockerTag name, CopyLog log)
      throws IOException {
    Manifest parsed = Manifest.parse(source.manifest(manifest));
    ImageSource image = new WithoutStatements(source);
    Optional<Known> there = find(manifest, parsed.config().digest());
    if (there.isPresent()) {
      tag(there.get(), name);
      return new Loaded(there.get(), Copy.plan(image, manifest, _ -> true));
    }
    ImageConfig config = ImageConfig.parse(source.manifest(parsed.config()));
    Set<Digest> shared = shared(parsed, config);
    Copy.Report moved = send(image, manifest, name, shared, log);
    Known loaded =
        find(manifest, parsed.config().digest())
            .orElseThrow(() -> LoadStream.refused(name, "the image is not there afterwards"));
    tag(loaded, name);
    return new Loaded(loaded, moved);
  }

  /// What [#load] would send; nothing is sent.
  public Copy.Report plan(ImageSource source, Descriptor manifest) throws IOException {
    Manifest parsed = Manifest.parse(source.manifest(manifest));
    ImageSource image = new WithoutStatements(source);
    if (find(manifest, parsed.config().digest()).isPresent()) {
      return Copy.plan(image, manifest, _ -> true);
    }
    ImageConfig config = ImageConfig.parse(source.manifest(parsed.config()));
    Set<Digest> shared = shared(parsed, config);
    return Copy.plan(image, manifest, blob -> shared.contains(blob.digest()));
  }

  /// Layers may go from an engine while it is sent the others; then all are sent.
  private Copy.Report send(
      ImageSource image, Descriptor manifest, DockerTag name, Set<Digest> shared, CopyLog log)
      throws IOException {
    if (!shared.isEmpty()) {
      try {
        return new LoadStream(client, name).send(image, manifest, shared, log);
      } catch (Failure e) {
        return new LoadStream(client, name).send(image, manifest, Set.of(), CopyLog.SILENT);
      }
    }
    return new LoadStream(client, name).send(image, manifest, Set.of(), log);
  }

  /// The lowest layers, as far as an image of the engine has the same ones: an engine knows a layer
  /// by all that is below it.
  private Set<Digest> shared(Manifest manifest, ImageConfig config) throws IOException {
    List<Digest> wanted = config.diffIds();
    if (wanted.size() != manifest.layers().size() || hasContainerdStore()) {
      return Set.of();
    }
    int most = 0;
    for (Image image : ours()) {
      List<Digest> layers = find(image.getId()).map(Known::diffIds).orElse(List.of());
      int same = 0;
      while (same < Math.min(layers.size(), wanted.size())
          && layers.get(same).equals(wanted.get(same))) {
        same++;
      }
      most = Math.max(most, same);
    }
    var digests = new HashSet<Digest>();
    manifest.layers().subList(0, most).forEach(layer -> digests.add(layer.digest()));
    return digests;
  }

  private List<Image> ours() throws IOException {
    List<Image> all =
        EngineFailures.told(
            "list its images",
            () -> client.listImagesCmd().withLabelFilter(Labels.RUNNER_VERSION).exec());
    return all.subList(0, Math.min(all.size(), MAX_LOOKED_AT));
  }

  /// Such an engine takes only archives that are complete.
  private boolean hasContainerdStore() throws IOException {
    @Nullable List<List<String>> status =
        EngineFailures.told("describe itself", () -> client.infoCmd().exec().getDriverStatuses());
    return status != null
        && status.stream().anyMatch(line -> line.toString().contains("io.containerd.snapshotter"));
  }

  /// An image as the engine exports it (`docker save`), read to its end.
  ///
  /// @param directory for a file that is gone when the archive is closed
  /// @throws Failure NOT_FOUND when the engine has no such image
  public DockerArchive export(String reference, Path directory, ExportLog log) throws IOException {
    Optional<InspectImageResponse> image = inspect(reference);
    if (image.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no image `docker:" + reference + "`")
          .why("the Docker Engine knows none of that name")
          .hint("docker image ls");
    }
    String name = "docker:" + reference;
    @Nullable Long size = image.get().getSize();
    log.exporting(name, size == null ? 0 : size);
    boolean whole = false;
    var count = new AtomicLong();
    try (InputStream in =
        EngineFailures.told("export " + reference, () -> client.saveImageCmd(reference).exec())) {
      DockerArchive archive =
          DockerArchive.read(
              new CountedInput(in, bytes -> log.exported(count.addAndGet(bytes))),
              directory,
              name,
              LostManifest::of);
      whole = true;
      return archive;
    } finally {
      log.exportEnded(whole);
    }
  }
}
