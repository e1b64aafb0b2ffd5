package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory that is a layout: the marker `oci-layout` and the names in `index.json`, which is
/// replaced as a whole, by one process at a time.
///
/// @param patience how long to wait for other processes
record LayoutDirectory(Path directory, Duration patience) {
  private static final String ANOTHER = "name a folder that is new, empty or a layout: oci:DIR";
  private static final String MARKER = "oci-layout";
  private static final String INDEX = "index.json";
  private static final String BLOBS = "blobs";
  private static final String LOCK = ".lock";

  /// Of `index.json`, in bytes; some ten thousand names.
  private static final int MAX_INDEX = 16 << 20;

  /// What a creation that was interrupted may have left.
  private static final Set<String> OURS =
      Set.of(MARKER, INDEX, BLOBS, LOCK, temporary(MARKER), temporary(INDEX));

  @FunctionalInterface
  interface Change {
    LayoutIndex apply(LayoutIndex index) throws IOException;
  }

  static LayoutDirectory create(Path directory, Duration patience) throws IOException {
    LayoutDirectory layout = new LayoutDirectory(directory.toAbsolutePath().normalize(), patience);
    if (Files.exists(layout.directory.resolve(MARKER))) {
      layout.checkMarker();
      return layout;
    }
    layout.refuseForeign();
    try {
      Files.createDirectories(layout.blobs());
      layout.initialise();
      return layout;
    } catch (IOException e) {
      throw StoreException.of("create a layout in " + directory, e);
    }
  }

  static LayoutDirectory open(Path directory, Duration patience) throws IOException {
    LayoutDirectory layout = new LayoutDirectory(directory.toAbsolutePath().normalize(), patience);
    if (!Files.exists(layout.directory) || layout.isUnfinished()) {
      throw new NotFoundException("there is no OCI layout at " + layout.directory);
    }
    layout.checkMarker();
    return layout;
  }

  Path blobs() {
    return directory.resolve(BLOBS);
  }

  /// Whether there is a place for a layout and none in it: the directory is empty, or a creation
  /// was interrupted there. Nobody can have stored anything, so it is as if there were nothing.
  private boolean isUnfinished() throws IOException {
    if (!Files.isDirectory(directory) || Files.exists(directory.resolve(MARKER))) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<String> names = files.map(file -> String.valueOf(file.getFileName())).toList();
      return OURS.containsAll(names);
    } catch (IOException e) {
      throw StoreException.of("read " + directory, e);
    }
  }

  private void refuseForeign() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new StoreException(
          directory + " is no directory, so it cannot be an OCI layout", null, ANOTHER);
    }
    try (Stream<Path> files = Files.list(directory)) {
      @Nullable String foreign =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(file -> !OURS.contains(file))
              .findFirst()
              .orElse(null);
      if (foreign != null) {
        throw new StoreException(
            "%s is no OCI layout: it holds `%s` and no `%s`".formatted(directory, foreign, MARKER),
            null,
            ANOTHER);
      }
    } catch (IOException e) {
      throw StoreException.of("read " + directory, e);
    }
  }

  /// The marker comes last: a directory that has it is complete.
  private void initialise() throws IOException {
    try (StoreLock _ = StoreLock.acquire(directory.resolve(LOCK), patience)) {
      if (!Files.exists(directory.resolve(INDEX))) {
        replace(INDEX, LayoutIndex.empty().write());
      }
      if (!Files.exists(directory.resolve(MARKER))) {
        replace(MARKER, Json.compact(Json.object().put("imageLayoutVersion", "1.0.0")));
      }
    }
  }

  private void checkMarker() throws IOException {
    byte[] bytes;
    try {
      bytes = readAtMost(directory.resolve(MARKER), 64 << 10);
    } catch (NoSuchFileException e) {
      throw new StoreException(
          "%s is no OCI layout: it has no `%s`".formatted(directory, MARKER),
          e,
          "name a folder that `mlo copy IMAGE oci:DIR` or `skopeo copy … oci:DIR` made");
    } catch (IOException e) {
      throw StoreException.of("read " + directory.resolve(MARKER), e);
    }
    JsonNode node;
    try {
      node = Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new DocumentException(directory.resolve(MARKER) + ": " + e.getMessage());
    }
    String version = node.path("imageLayoutVersion").asText();
    if (!version.startsWith("1.")) {
      throw new DocumentException(
          "%s: the layout's version is `%s`, not 1.0.0"
              .formatted(directory.resolve(MARKER), version));
    }
  }

  LayoutIndex index() throws IOException {
    Path file = directory.resolve(INDEX);
    byte[] bytes;
    try {
      bytes = readAtMost(file, MAX_INDEX);
    } catch (NoSuchFileException e) {
      throw new DocumentException(directory + " has no " + INDEX);
    } catch (IOException e) {
      throw StoreException.of("read " + file, e);
    }
    return LayoutIndex.parse(bytes, file.toString());
  }

  /// Replaces the names: read, change, write, with no other process in between. When the change
  /// fails or changes nothing, nothing is written.
  void change(Change change) throws IOException {
    try (StoreLock _ = StoreLock.acquire(directory.resolve(LOCK), patience)) {
      LayoutIndex before = index();
      LayoutIndex after = change.apply(before);
      if (!Arrays.equals(before.write(), after.write())) {
        replace(INDEX, after.write());
      }
    } catch (IOException e) {
      throw StoreException.of("change the names in " + directory, e);
    }
  }

  /// The lock makes the temporary file ours, whoever left it.
  private void replace(String name, byte[] bytes) throws IOException {
    Path target = directory.resolve(temporary(name));
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(
        target,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    BlobDirectory.force(directory);
  }

  private static String temporary(String name) {
    return "." + name + ".tmp";
  }

  /// Whoever opens a pipe waits for somebody who writes.
  private static byte[] readAtMost(Path file, int limit) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new DocumentException(file + " is no file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new DocumentException(file + " is larger than " + limit + " bytes");
      }
      return bytes;
    }
  }
}
