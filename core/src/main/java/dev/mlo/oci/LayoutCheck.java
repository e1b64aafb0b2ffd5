package dev.mlo.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whether all that a layout's index leads to is there, as large as it should be. Nothing is
/// changed.
///
/// @param images entries of the index
/// @param blobs different ones, with manifests
/// @param bytes of them all
/// @param faults a sentence each; empty: the layout is whole
/// @param abandoned temporary files of processes that were killed
public record LayoutCheck(
    int images, int blobs, long bytes, List<String> faults, List<Path> abandoned) {
  private static final int MOST_FAULTS = 100;

  public LayoutCheck {
    faults = List.copyOf(faults);
    abandoned = List.copyOf(abandoned);
  }

  /// @param deep read every byte and hash it too
  /// @throws NotFoundException when there is no layout
  /// @throws OciException when its index cannot be read
  public static LayoutCheck of(Path directory, boolean deep) throws IOException {
    LayoutStore store = LayoutStore.open(directory);
    List<Descriptor> listed = store.listed();
    var faults = new ArrayList<String>();
    Map<Digest, Descriptor> all = new LinkedHashMap<>();
    for (Descriptor root : listed) {
      try {
        Closure closure = Closure.of(store, root);
        closure.image().forEach(d -> all.put(d.descriptor().digest(), d.descriptor()));
        closure.referrers().forEach(d -> all.put(d.descriptor().digest(), d.descriptor()));
        closure.blobs().forEach(blob -> all.put(blob.digest(), blob));
      } catch (OciException e) {
        faults.add(named(root) + ": " + e.getMessage());
      }
    }
    long bytes = 0;
    for (Descriptor blob : all.values()) {
      bytes += blob.size();
      check(store, blob, deep, faults);
      if (faults.size() >= MOST_FAULTS) {
        break;
      }
    }
    return new LayoutCheck(listed.size(), all.size(), bytes, faults, store.abandoned());
  }

  private static String named(Descriptor root) {
    return root.annotations().getOrDefault(Descriptor.REF_NAME, root.digest().toString());
  }

  private static void check(LayoutStore store, Descriptor blob, boolean deep, List<String> faults)
      throws IOException {
    Path file = store.place(blob.digest());
    if (!Files.isRegularFile(file)) {
      faults.add(blob.digest() + " is not there");
    } else if (Files.size(file) != blob.size()) {
      faults.add("%s has %d bytes, not %d".formatted(blob.digest(), Files.size(file), blob.size()));
    } else if (deep) {
      try {
        store.verify(blob);
      } catch (OciException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
    }
  }
}
