package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The runner images in use as one thing with one digest, for a team to pin. Their engines lie
/// beside them, so a copy takes them along.
public final class RunnerPush {
  private final Installation installation;

  public RunnerPush(Installation installation) {
    this.installation = installation;
  }

  /// An image, or the index of several; the same images give the same index.
  ///
  /// @param only for these platforms; empty: all that are in use
  /// @throws Failure NOT_FOUND when there is none
  public Images.Located collect(List<Platform> only) throws IOException {
    RunnerStore images = new RunnerStore(installation);
    var chosen = new ArrayList<Descriptor>();
    String version = Installation.version();
    for (RunnerStore.Listed listed : images.list()) {
      if (listed.inUse() && (only.isEmpty() || only.contains(listed.platform()))) {
        chosen.add(images.named(listed.digest().toString()));
        version = listed.version();
      }
    }
    for (Platform platform : only) {
      if (chosen.stream().noneMatch(image -> platform.equals(image.platform()))) {
        throw Failure.of(ExitCode.NOT_FOUND, "there is no runner image for " + platform)
            .hint("mlo runner build --platform %s --base REF".formatted(platform));
      }
    }
    if (chosen.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no runner image yet").hint("mlo runner build");
    }
    LayoutStore store = LayoutStore.open(installation.store());
    Descriptor root = chosen.getFirst();
    if (chosen.size() > 1) {
      chosen.sort((one, other) -> text(one).compareTo(text(other)));
      byte[] index =
          new Index(MediaTypes.INDEX, chosen.stream().map(RunnerPush::plain).toList(), Map.of())
              .write();
      root = Descriptor.of(MediaTypes.INDEX, index);
      store.manifest(root, index);
      RunnerStore.keep(store, root);
    }
    return new Images.Located(
        store, root.bare(), "the runner image", RunnerStore.NAME + ":" + version);
  }

  private static String text(Descriptor image) {
    return String.valueOf(image.platform());
  }

  /// Without the name it has in the store.
  private static Descriptor plain(Descriptor image) {
    return image.platform() == null ? image.bare() : image.bare().withPlatform(image.platform());
  }
}
