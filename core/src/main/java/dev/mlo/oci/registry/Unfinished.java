package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.StoreException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the upload of one blob stands, kept on disk so that the next run can go on with it when
/// this one is killed. Held by one process at a time; the operating system lets go for the dead.
final class Unfinished implements AutoCloseable {
  /// What is known of an upload.
  record Upload(URI location, long offset) {}

  /// Smaller ones are sent again sooner than they are noted down.
  private static final long SMALLEST = 8 << 20;

  static final String RECORD = ".json";
  static final String LOCK = ".lock";
  static final String TEMPORARY = RECORD + ".tmp";

  /// In a record: the file that is being sent.
  static final String FROM = "from";

  private final Path file;
  private final FileChannel channel;
  private final @Nullable Path from;

  private Unfinished(Path file, FileChannel channel, @Nullable Path from) {
    this.file = file;
    this.channel = channel;
    this.from = from;
  }

  /// @param directory where to keep it; `null`: nowhere
  /// @param from the file that is being sent; `null`: the blob lies in none
  /// @return empty when it is kept nowhere, or another process sends the same blob
  static Optional<Unfinished> claim(
      @Nullable Path directory,
      Address registry,
      String repository,
      Descriptor blob,
      @Nullable Path from)
      throws IOException {
    if (directory == null || blob.size() < SMALLEST) {
      return Optional.empty();
    }
    String what = registry.base() + "/" + repository + "@" + blob.digest();
    String name = Digest.sha256(what.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    try {
      Files.createDirectories(directory);
      return lock(directory.resolve(name + LOCK))
          .map(channel -> new Unfinished(directory.resolve(name + RECORD), channel, from));
    } catch (IOException e) {
      throw new StoreException("cannot write to " + directory + ": " + e.getMessage(), e);
    }
  }

  /// Whoever cleans up removes locks that nobody holds, so the one that we hold must still be the
  /// one that others find.
  ///
  /// @return empty when another process holds it
  static Optional<FileChannel> lock(Path file) throws IOException {
    if (!Files.exists(file)) {
      FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    }
    boolean ours = false;
    @Nullable FileChannel channel = null;
    try {
      Object before = identity(file);
      channel = FileChannel.open(file, StandardOpenOption.WRITE);
      ours = isOurs(channel) && before.equals(identity(file));
      return ours ? Optional.of(channel) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } finally {
      if (channel != null && !ours) {
        channel.close();
      }
    }
  }

  private static Object identity(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  private static boolean isOurs(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /// What an earlier run left; what cannot be read is worth nothing.
  Optional<Upload> read() {
    try {
      JsonNode node = Json.parse(Files.readAllBytes(file));
      URI location = URI.create(node.path("location").asText());
      long offset = node.path("offset").asLong(-1);
      return offset < 0 || location.getHost() == null
          ? Optional.empty()
          : Optional.of(new Upload(location, offset));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  void write(Upload upload) throws IOException {
    ObjectNode record =
        Json.object()
            .put("schemaVersion", 1)
            .put("location", upload.location().toString())
            .put("offset", upload.offset());
    if (from != null) {
      record.put(FROM, from.toAbsolutePath().normalize().toString());
    }
    byte[] bytes = Json.compact(record);
    String name = String.valueOf(file.getFileName());
    Path temporary = file.resolveSibling(name.replace(RECORD, TEMPORARY));
    try {
      Files.deleteIfExists(temporary);
      try (FileChannel out =
          FileChannel.open(
              temporary,
              java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        out.write(ByteBuffer.wrap(bytes));
        out.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StoreException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /// Nothing is left to go on with.
  void forget() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
