package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What earlier builds found files to hold, so that what did not change is not read again. Losing
/// it costs time only: whatever is odd about the file, the index counts as empty.
public final class BuildIndex {
  private static final int VERSION = 1;
  private static final long MAX_BYTES = 64L << 20;

  /// @param layer of a file with a layer of its own
  private record Entry(FileStamp stamp, Digest digest, @Nullable Descriptor layer) {}

  private final Path file;
  private final SortedMap<String, Entry> entries = new TreeMap<>();
  private boolean changed;

  private BuildIndex(Path file) {
    this.file = file;
  }

  /// Forgets the files whose layer is gone: they must be read again anyway.
  ///
  /// @param gone the layers that are no more
  /// @param dryRun only say how many
  /// @return how many files
  public static int forget(Path file, Predicate<Descriptor> gone, boolean dryRun)
      throws IOException {
    BuildIndex index = read(file);
    int before = index.entries.size();
    index.changed =
        index.entries.values().removeIf(entry -> entry.layer != null && gone.test(entry.layer));
    if (!dryRun) {
      index.write();
    }
    return before - index.entries.size();
  }

  static BuildIndex read(Path file) {
    BuildIndex index = new BuildIndex(file);
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
        index.load(Json.parse(Files.readAllBytes(file), Stored.class));
      }
    } catch (IOException | RuntimeException e) {
      index.entries.clear();
    }
    return index;
  }

  private void load(Stored stored) {
    if (stored.version == VERSION) {
      stored.files.forEach((name, line) ->
          entries.put(
              name,
              new Entry(
                  new FileStamp(line.size, line.modified, line.changed, line.inode),
                  Digest.parse(line.digest),
                  line.layer == null
                      ? null
                      : Descriptor.of(
                          MediaTypes.LAYER_TAR, Digest.parse(line.layer), line.layerSize))));
    }
  }

  Optional<Digest> digest(String name, FileStamp stamp) {
    return entry(name, stamp).map(Entry::digest);
  }

  Optional<Descriptor> layer(String name, FileStamp stamp) {
    return entry(name, stamp).flatMap(entry -> Optional.ofNullable(entry.layer));
  }

  private Optional<Entry> entry(String name, FileStamp stamp) {
    return Optional.ofNullable(entries.get(name)).filter(entry -> entry.stamp.equals(stamp));
  }

  /// Remembers a file, unless it was still so fresh at `since` that a later write might not show.
  ///
  /// @param since when reading it began
  void remember(
      String name, FileStamp stamp, long since, Digest digest, @Nullable Descriptor layer) {
    Entry entry = new Entry(stamp, digest, layer == null ? null : layer.bare());
    if (stamp.isSettledAt(since) && !entry.equals(entries.put(name, entry))) {
      changed = true;
    }
  }

  void write() throws IOException {
    if (!changed) {
      return;
    }
    ObjectNode document = Json.object().put("version", VERSION);
    ObjectNode files = document.putObject("files");
    entries.forEach((name, entry) -> {
      ObjectNode line =
          files
              .putObject(name)
              .put("size", entry.stamp.size())
              .put("modified", entry.stamp.modified())
              .put("changed", entry.stamp.changed())
              .put("inode", entry.stamp.inode())
              .put("digest", entry.digest.toString());
      if (entry.layer != null) {
        line.put("layer", entry.layer.digest().toString());
        line.put("layerSize", entry.layer.size());
      }
    });
    TempFiles temporaries = new TempFiles(Objects.requireNonNull(file.getParent()));
    temporaries.sweep();
    Path temporary = temporaries.fresh();
    try {
      Files.write(temporary, Json.pretty(document));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      // What cannot be kept is found out again the next time.
      return;
    } finally {
      Files.deleteIfExists(temporary);
    }
    changed = false;
  }

  private record Stored(int version, SortedMap<String, Line> files) {}

  private record Line(
      long size,
      long modified,
      long changed,
      long inode,
      String digest,
      @Nullable String layer,
      long layerSize) {}
}
