package dev.mlo.cli.image;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DockerTag;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.registry.RegistryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a copy goes and what it is called there.
sealed interface Destination {
  /// What the image is called at the destination: `iris:1.0.0`.
  String name();

  /// What a person would type to get at it.
  String display();

  /// A directory that is a layout or becomes one.
  ///
  /// @param prefix what makes a digest of this place a name
  record Layout(Path directory, String name, String prefix, String display)
      implements Destination {}

  record Tar(Path file, String name, String display) implements Destination {}

  /// A repository of a registry.
  ///
  /// @param name the tag there
  /// @param repository `HOST/REPOSITORY`
  record Repository(RegistryStore store, String name, String repository, String display)
      implements Destination {}

  /// The images of the Docker Engine.
  record Docker(DockerTag tag) implements Destination {
    @Override
    public String name() {
      return tag.toString();
    }

    @Override
    public String display() {
      return "docker:" + tag;
    }
  }

  static Destination of(ImageName wanted, Images images, Images.Located source) throws IOException {
    return switch (wanted) {
      case ImageName.InProject project -> inProject(project, images, source);
      case ImageName.InLayout layout -> inLayout(layout, source);
      case ImageName.InTar tar -> inTar(tar, source);
      case ImageName.InEnvironment environment ->
          throw Failure.of(ExitCode.USAGE, "`" + environment + "` is no place to copy to")
              .why(
                  "what an environment points at is changed by promotion, which checks and records")
              .hint("mlo promote %s --to %s".formatted(own(source), environment.environment()));
      case ImageName.InDocker docker -> inDocker(docker, source);
      case ImageName.InRegistry registry -> inRegistry(registry, images, source);
    };
  }

  private static Destination inProject(
      ImageName.InProject wanted, Images images, Images.Located source) throws IOException {
    if (wanted.digest() != null) {
      throw digestIsNoName(wanted.toString());
    }
    String own = own(source);
    String tag = wanted.tag() == null ? own.substring(own.lastIndexOf(':') + 1) : wanted.tag();
    String name = wanted.name() + ":" + tag;
    return new Layout(images.workspace().store(), name, wanted.name() + "@", name);
  }

  private static Destination inLayout(ImageName.InLayout wanted, Images.Located source)
      throws IOException {
    @Nullable String name = wanted.reference();
    if (name != null && Digest.isDigest(name)) {
      throw digestIsNoName(wanted.toString());
    }
    String chosen = name == null ? own(source) : name;
    String place = "oci:" + wanted.directory();
    return new Layout(wanted.directory(), chosen, place + "@", place + ":" + chosen);
  }

  private static Destination inRegistry(
      ImageName.InRegistry wanted, Images images, Images.Located source) throws IOException {
    if (wanted.digest() != null) {
      throw digestIsNoName(wanted.toString());
    }
    @Nullable String tag = wanted.tag();
    if (tag == null) {
      String own = own(source);
      tag = own.substring(own.lastIndexOf(':') + 1);
    }
    String repository = wanted.host() + "/" + wanted.repository();
    return new Repository(images.repository(wanted), tag, repository, repository + ":" + tag);
  }

  private static Destination inTar(ImageName.InTar wanted, Images.Located source)
      throws IOException {
    Path parent = wanted.file().toAbsolutePath().normalize().resolveSibling("");
    if (!Files.isDirectory(parent)) {
      throw Failure.of(ExitCode.NOT_FOUND, "cannot write " + wanted)
          .why("there is no directory " + parent)
          .hint("mkdir -p " + parent);
    }
    return new Tar(wanted.file(), own(source), wanted.toString());
  }

  private static Destination inDocker(ImageName.InDocker wanted, Images.Located source)
      throws IOException {
    String own = own(source);
    try {
      return new Docker(
          DockerTag.parse(wanted.reference(), own.substring(own.lastIndexOf(':') + 1)));
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage()))
          .hint("mlo copy %s docker:%s".formatted(source.display(), own));
    }
  }

  private static Failure digestIsNoName(String wanted) {
    return Failure.of(ExitCode.USAGE, "`" + wanted + "` is no name to copy to")
        .why("a digest follows from the bytes; a copy is given a name")
        .hint("mlo copy --help");
  }

  /// What the image is called where it comes from; where it has no name, what its card says.
  private static String own(Images.Located source) throws IOException {
    if (source.name() != null) {
      return source.name();
    }
    @Nullable ModelCard card = ImageView.read(source.source(), source.root()).card();
    if (card == null) {
      throw Failure.of(ExitCode.USAGE, "`" + source.display() + "` has no name")
          .why("the copy needs one")
          .hint("mlo copy %s oci:DIR:NAME".formatted(source.display()));
    }
    return card.name() + ":" + card.version();
  }

  /// @return the layout, or `null` when it does not exist yet
  static @Nullable LayoutStore existing(Layout layout) throws IOException {
    return Files.exists(layout.directory().resolve("oci-layout"))
        ? LayoutStore.open(layout.directory())
        : null;
  }
}
