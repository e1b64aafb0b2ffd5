package dev.mlo.cli.image;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environments;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestTag;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Lanes;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
import dev.mlo.oci.Platform;
import dev.mlo.oci.TarArchive;
import dev.mlo.oci.UnavailableException;
import dev.mlo.oci.registry.RegistryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The images of a project's own store, newest first, and the environments that point at them; or
/// those of another place.
public final class ListImages {
  /// @param version what comes after the colon of the name
  /// @param model what the image says of its model; `null` when it is not a model's image
  /// @param platforms it can be run on
  /// @param size bytes, as they are stored
  /// @param written when the manifest was written here; images themselves know no clock
  /// @param environments that point at this digest, in order of promotion
  /// @param problem why the image cannot be read; `null` when it can
  /// @param damaged whether that is because bytes are not as they should be
  public record Listed(
      String name,
      String version,
      Digest digest,
      @Nullable ModelCard model,
      List<Platform> platforms,
      long size,
      @Nullable Instant written,
      List<String> environments,
      @Nullable String problem,
      boolean damaged) {
    public Listed {
      platforms = List.copyOf(platforms);
      environments = List.copyOf(environments);
    }

    /// What to type.
    public String reference() {
      return version.isEmpty() ? name : name + ":" + version;
    }
  }

  /// How many images of a registry are looked at at a time.
  private static final int AT_ONCE = 8;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,128}");

  private final Map<Digest, List<String>> environments;

  private ListImages(Map<Digest, List<String>> environments) {
    this.environments = environments;
  }

  /// Of the project's own store.
  public static List<Listed> list(Images images) throws IOException {
    Path directory = images.workspace().store();
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    LayoutStore store = LayoutStore.open(directory);
    return new ListImages(environments(images.environments())).look(store, store.tags());
  }

  /// Of any place: a model of the project, a repository, a layout, an archive, an environment.
  ///
  /// @param place `iris`, `HOST/REPOSITORY`, `oci:DIR`, `tar:FILE`, `env:NAME`
  /// @throws Failure USAGE when it names one image, or a place that has no list
  public static List<Listed> list(Images images, String place) throws IOException {
    var list = new ListImages(environments(images.environments()));
    return switch (Images.parse(place)) {
      case ImageName.InProject(String name, var tag, var digest)
          when tag == null && digest == null ->
          list(images).stream().filter(image -> image.name().equals(name)).toList();
      case ImageName.InRegistry repository
          when repository.tag() == null && repository.digest() == null ->
          list.repository(images.repository(repository));
      case ImageName.InLayout(Path directory, var reference) when reference == null -> {
        LayoutStore store = LayoutStore.open(directory);
        Map<String, Descriptor> names = store.tags();
        yield names.isEmpty()
            ? list.unnamed(store, place, store.unnamed())
            : list.look(store, names);
      }
      case ImageName.InTar(Path file) when DockerArchive.is(file) -> {
        try (Images.Located export = images.open(place)) {
          yield List.of(list.look(export.source(), place, "", export.root()));
        }
      }
      case ImageName.InTar(Path file) -> {
        try (TarArchive archive = TarArchive.open(file)) {
          Map<String, Descriptor> names = archive.tags();
          yield names.isEmpty()
              ? list.unnamed(archive, place, archive.unnamed())
              : list.look(archive, names);
        }
      }
      case ImageName.InEnvironment(String environment) -> {
        LayoutStore store = images.environments().pointer(environment).store();
        yield list.look(store, store.tags());
      }
      case ImageName.InDocker _ ->
          throw Failure.of(ExitCode.USAGE, "the images of an engine are listed by the engine")
              .hint("docker image ls");
      case ImageName one ->
          throw Failure.of(
                  ExitCode.USAGE, "`" + one + "` names one image, not a place with several")
              .hint("mlo inspect " + one);
    };
  }

  private List<Listed> look(ImageSource source, Map<String, Descriptor> tags) throws IOException {
    var listed = new ArrayList<Listed>();
    for (Map.Entry<String, Descriptor> tag : tags.entrySet()) {
      int colon = tag.getKey().lastIndexOf(':');
      String name = colon < 0 ? tag.getKey() : tag.getKey().substring(0, colon);
      String version = colon < 0 ? "" : tag.getKey().substring(colon + 1);
      listed.add(look(source, name, version, tag.getValue()));
    }
    listed.sort(
        Comparator.comparing(Listed::name)
            .thenComparing(
                image -> image.written() == null ? Instant.MIN : image.written(),
                Comparator.reverseOrder())
            .thenComparing(Listed::version));
    return List.copyOf(listed);
  }

  /// What has no name is called by what it is to be asked for with.
  private List<Listed> unnamed(ImageSource source, String place, List<Descriptor> images)
      throws IOException {
    var listed = new ArrayList<Listed>();
    for (Descriptor image : images) {
      boolean byDigest = source instanceof LayoutStore && images.size() > 1;
      String name = byDigest ? place + "@" + image.digest() : place;
      listed.add(look(source, name, "", image));
    }
    return List.copyOf(listed);
  }

  /// By version; registries promise an order and not all keep it. Only documents are read: three
  /// small answers an image.
  private List<Listed> repository(RegistryStore repository) throws IOException {
    List<String> tags =
        repository.tags().stream()
            .filter(tag -> !DigestTag.is(tag))
            .sorted(Comparator.comparing(ListImages::natural))
            .toList();
    return Lanes.all(tags, AT_ONCE, tag -> tagged(repository, tag)).values().stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /// A key by which 1.9 comes before 1.10.
  private static String natural(String tag) {
    return NUMBER
        .matcher(tag)
        .replaceAll(number -> "0".repeat(128 - number.group().length()) + number.group());
  }

  /// @return empty when the tag was removed since it was listed
  private Optional<Listed> tagged(RegistryStore repository, String tag) throws IOException {
    Optional<Descriptor> root = repository.find(tag);
    return root.isEmpty()
        ? Optional.empty()
        : Optional.of(look(repository, repository.describe(), tag, root.get()));
  }

  private static Map<Digest, List<String>> environments(Environments environments)
      throws IOException {
    var found = new HashMap<Digest, List<String>>();
    for (Environments.Pointer pointer : environments.pointers().values()) {
      String name = pointer.name().substring(pointer.name().lastIndexOf(':') + 1);
      found.computeIfAbsent(pointer.root().digest(), _ -> new ArrayList<>()).add(name);
    }
    return found;
  }

  /// What is wrong with one image does not hide the others; what is wrong with the place ends it.
  private Listed look(ImageSource source, String name, String version, Descriptor root)
      throws IOException {
    List<String> here = environments.getOrDefault(root.digest(), List.of());
    try {
      Optional<Path> file = source.file(root);
      @Nullable Instant written =
          file.isPresent() ? Files.getLastModifiedTime(file.get()).toInstant() : null;
      ImageView view = ImageView.look(source, root);
      return new Listed(
          name,
          version,
          root.digest(),
          view.card(),
          view.platforms(),
          view.size(),
          written,
          here,
          null,
          false);
    } catch (UnavailableException | DeniedException e) {
      throw e;
    } catch (OciException | Failure e) {
      // What is no image, an artifact say, is whole all the same.
      List<String> why = e instanceof Failure failure ? failure.why() : List.of();
      String what = String.valueOf(e.getMessage());
      return new Listed(
          name,
          version,
          root.digest(),
          null,
          List.of(),
          0,
          null,
          here,
          why.isEmpty() ? what : what + ": " + String.join(", ", why),
          !(e instanceof Failure));
    }
  }
}
