package dev.mlo.cli.project;

import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.docker.LostManifest;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.TarArchive;
import dev.mlo.oci.registry.Registries;
import dev.mlo.oci.registry.RegistryStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Opens images by what a person calls them. Most names need no manifest; `env:…` uses one where
/// there is one.
public final class Images {
  /// An image where it lies.
  ///
  /// @param display for messages: what the person typed, and what it turned out to be
  /// @param name the image's own `NAME:VERSION` there; `null` when it has none
  public record Located(ImageSource source, Descriptor root, String display, @Nullable String name)
      implements Closeable {
    @Override
    public void close() throws IOException {
      if (source instanceof Closeable closeable) {
        closeable.close();
      }
    }
  }

  private final Workspace workspace;
  private final Environments environments;
  private final ImagesLog log;
  private final Map<String, String> environment;
  private @Nullable Registries registries;

  /// @param environment the variables by which registries are reached
  private Images(
      Workspace workspace,
      Environments environments,
      ImagesLog log,
      Map<String, String> environment) {
    this.workspace = workspace;
    this.environments = environments;
    this.log = log;
    this.environment = environment;
  }

  /// Of the project in a directory; its manifest is read when a name needs it.
  ///
  /// @param directory the project's directory, or the manifest itself
  public static Images in(Path directory) {
    Path given = directory.toAbsolutePath().normalize();
    Path root = Files.isRegularFile(given) ? given.resolveSibling("") : given;
    return new Images(Workspace.of(root), Environments.in(root), ImagesLog.SILENT, System.getenv());
  }

  public static Images of(Project project) {
    return new Images(
        project.workspace(), Environments.of(project), ImagesLog.SILENT, System.getenv());
  }

  /// The same, for somebody who waits.
  public Images telling(ImagesLog other) {
    return new Images(workspace, environments, other, environment);
  }

  /// The same, which reaches registries as these variables say.
  public Images reaching(Map<String, String> variables) {
    return new Images(workspace, environments, log, variables);
  }

  public Workspace workspace() {
    return workspace;
  }

  /// The environments of the project, declared or by convention.
  public Environments environments() {
    return environments;
  }

  /// @throws Failure USAGE when the text names no image
  public static ImageName parse(String text) {
    try {
      return ImageName.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage()))
          .why(
              "known are NAME:TAG, NAME@sha256:…, HOST/REPOSITORY:TAG, oci:DIR[:NAME], tar:FILE,"
                  + " docker:NAME[:TAG] and env:ENVIRONMENT");
    }
  }

  /// @throws Failure USAGE when the text names no image, or one in a place that is not supported
  /// @throws NotFoundException when the place or the image is not there
  public Located open(String text) throws IOException {
    return open(parse(text));
  }

  public Located open(ImageName wanted) throws IOException {
    return switch (wanted) {
      case ImageName.InProject name -> inProject(name);
      case ImageName.InLayout name -> inLayout(name);
      case ImageName.InTar name -> inTar(name);
      case ImageName.InEnvironment name -> inEnvironment(name);
      case ImageName.InDocker name -> inDocker(name);
      case ImageName.InRegistry name -> inRegistry(name);
    };
  }

  /// A repository, which need not exist.
  public RegistryStore repository(ImageName.InRegistry name) throws IOException {
    if (registries == null) {
      @Nullable Path uploads = Files.isDirectory(workspace.root()) ? workspace.uploads() : null;
      registries =
          new Registries(Registries.Options.of(environment).withUploads(uploads).withLog(log));
    }
    return registries.open(name);
  }

  private Located inRegistry(ImageName.InRegistry wanted) throws IOException {
    RegistryStore store = repository(wanted);
    @Nullable String reference =
        wanted.digest() == null ? wanted.tag() : wanted.digest().toString();
    if (reference == null) {
      throw Failure.of(ExitCode.USAGE, "`" + wanted + "` names a repository, not an image in it")
          .why("a tag or a digest is missing")
          .hint("mlo inspect " + wanted + ":TAG");
    }
    Descriptor root = store.resolve(reference);
    String repository = wanted.repository();
    String model = repository.substring(repository.lastIndexOf('/') + 1);
    @Nullable String name = wanted.tag() == null ? null : model + ":" + wanted.tag();
    return new Located(store, root, wanted.toString(), name);
  }

  private Located inProject(ImageName.InProject wanted) throws IOException {
    if (!Files.isDirectory(workspace.store())) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no image `" + wanted + "`")
          .why("nothing was built here yet: there is no " + workspace.store())
          .hint("mlo build");
    }
    LayoutStore store = LayoutStore.open(workspace.store());
    if (wanted.digest() != null) {
      Descriptor root = store.resolve(wanted.digest().toString());
      return new Located(
          store, root, wanted.toString(), NameOf.digest(store.tags(), root.digest()).orElse(null));
    }
    Map<String, Descriptor> mine = new TreeMap<>();
    store
        .tags()
        .forEach((name, descriptor) -> {
          boolean matches =
              wanted.tag() == null
                  ? name.startsWith(wanted.name() + ":")
                  : name.equals(wanted.toString());
          if (matches) {
            mine.put(name, descriptor);
          }
        });
    String name = only(mine, wanted, store.tags());
    Descriptor root = store.resolve(name);
    return new Located(store, root, name, name);
  }

  private static String only(
      Map<String, Descriptor> found, ImageName wanted, Map<String, Descriptor> all) {
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no image `" + wanted + "`")
          .why(all.isEmpty() ? "the store is empty" : "there is " + String.join(", ", all.keySet()))
          .hint(all.isEmpty() ? "mlo build" : "mlo list");
    }
    if (found.values().stream().map(Descriptor::digest).distinct().count() > 1) {
      throw Failure.of(ExitCode.USAGE, "`" + wanted + "` is ambiguous")
          .why("it may be " + String.join(", ", found.keySet()))
          .hint("name one of them");
    }
    return found.keySet().iterator().next();
  }

  private Located inLayout(ImageName.InLayout wanted) throws IOException {
    LayoutStore store = LayoutStore.open(wanted.directory());
    @Nullable String reference = wanted.reference();
    if (reference == null) {
      Map<String, Descriptor> names = store.tags();
      if (names.isEmpty()) {
        return unnamed(store, store.unnamed(), wanted);
      }
      reference = only(names, wanted, names);
    }
    Descriptor root = store.resolve(reference);
    @Nullable String name =
        Digest.isDigest(reference)
            ? NameOf.digest(store.tags(), root.digest()).orElse(null)
            : reference;
    return new Located(store, root, wanted.toString(), name);
  }

  /// The only image of a place in which nothing has a name.
  private static Located unnamed(ImageSource source, List<Descriptor> images, ImageName wanted) {
    return switch (images.size()) {
      case 1 -> new Located(source, images.getFirst(), wanted.toString(), null);
      case 0 ->
          throw Failure.of(ExitCode.NOT_FOUND, "there is no image `" + wanted + "`")
              .why("there is none in it, with a name or without");
      default ->
          throw Failure.of(ExitCode.USAGE, "`" + wanted + "` is ambiguous")
              .why("it holds %d images, and none has a name".formatted(images.size()))
              .hint("mlo list " + wanted);
    };
  }

  private Located inTar(ImageName.InTar wanted) throws IOException {
    if (DockerArchive.is(wanted.file())) {
      DockerArchive export = DockerArchive.open(wanted.file(), wanted.toString(), LostManifest::of);
      return new Located(export, export.root(), wanted.toString(), null);
    }
    TarArchive archive = TarArchive.open(wanted.file());
    boolean found = false;
    try {
      Map<String, Descriptor> names = archive.tags();
      Located located =
          names.isEmpty()
              ? unnamed(archive, archive.unnamed(), wanted)
              : named(archive, only(names, wanted, names), wanted);
      found = true;
      return located;
    } finally {
      if (!found) {
        archive.close();
      }
    }
  }

  private static Located named(ImageSource source, String name, ImageName wanted)
      throws IOException {
    return new Located(source, source.resolve(name), wanted.toString(), name);
  }

  /// An engine gives an image away only as a whole, so it is exported first.
  private Located inDocker(ImageName.InDocker wanted) throws IOException {
    try (DockerEngine engine = DockerEngine.find(System.getenv())) {
      DockerArchive archive =
          engine.images().export(wanted.reference(), DockerEngine.scratch(System.getenv()), log);
      return new Located(archive, archive.root(), wanted.toString(), null);
    }
  }

  private Located inEnvironment(ImageName.InEnvironment wanted) throws IOException {
    Environments.Pointer pointer = environments.pointer(wanted.environment());
    String version =
        NameOf.version(pointer.store().tags(), pointer.root().digest(), wanted.environment())
            .orElse(pointer.name());
    return new Located(
        pointer.store(), pointer.root(), "%s (%s)".formatted(wanted, version), version);
  }

  /// Finds the names of digests.
  private static final class NameOf {
    private NameOf() {}

    static Optional<String> digest(Map<String, Descriptor> names, Digest digest) {
      return names.entrySet().stream()
          .filter(e -> e.getValue().digest().equals(digest))
          .map(Map.Entry::getKey)
          .findFirst();
    }

    /// The name that is a version, not the moving pointer of the environment.
    static Optional<String> version(
        Map<String, Descriptor> names, Digest digest, String environment) {
      return names.entrySet().stream()
          .filter(e -> e.getValue().digest().equals(digest))
          .map(Map.Entry::getKey)
          .filter(name -> !name.endsWith(":" + environment))
          .findFirst();
    }
  }
}
