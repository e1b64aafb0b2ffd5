package dev.mlo.cli.image;

import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environments;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
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
import org.jspecify.annotations.Nullable;

/// The images of a project's own store, newest first, and the environments that point at them.
public final class ListImages {
  /// @param version what comes after the colon of the name
  /// @param format of the model; empty when it is not a model's image
  /// @param size bytes, as they are stored
  /// @param written when the manifest was written here; images themselves know no clock
  /// @param environments that point at this digest, in order of promotion
  /// @param problem why the image cannot be read; `null` when it can
  public record Listed(
      String name,
      String version,
      Digest digest,
      String format,
      long size,
      @Nullable Instant written,
      List<String> environments,
      @Nullable String problem) {
    public Listed {
      environments = List.copyOf(environments);
    }

    /// What to type.
    public String reference() {
      return version.isEmpty() ? name : name + ":" + version;
    }
  }

  private ListImages() {}

  public static List<Listed> list(Images images) throws IOException {
    Path directory = images.workspace().store();
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    LayoutStore store = LayoutStore.open(directory);
    Map<Digest, List<String>> environments = environments(images.environments());
    var listed = new ArrayList<Listed>();
    for (Map.Entry<String, Descriptor> tag : store.tags().entrySet()) {
      listed.add(look(store, tag.getKey(), tag.getValue(), environments));
    }
    listed.sort(
        Comparator.comparing(Listed::name)
            .thenComparing(
                image -> image.written() == null ? Instant.MIN : image.written(),
                Comparator.reverseOrder())
            .thenComparing(Listed::version));
    return List.copyOf(listed);
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

  private static Listed look(
      LayoutStore store, String tag, Descriptor root, Map<Digest, List<String>> environments) {
    int colon = tag.lastIndexOf(':');
    String name = colon < 0 ? tag : tag.substring(0, colon);
    String version = colon < 0 ? "" : tag.substring(colon + 1);
    List<String> here = environments.getOrDefault(root.digest(), List.of());
    try {
      Optional<Path> file = store.file(root);
      @Nullable Instant written =
          file.isPresent() ? Files.getLastModifiedTime(file.get()).toInstant() : null;
      ImageView view = ImageView.read(store, root);
      @Nullable ModelCard card = view.card();
      String format = card == null ? "" : card.format();
      return new Listed(name, version, root.digest(), format, view.size(), written, here, null);
    } catch (OciException | Failure e) {
      return new Listed(
          name, version, root.digest(), "", 0, null, here, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Listed(name, version, root.digest(), "", 0, null, here, e.toString());
    }
  }
}
