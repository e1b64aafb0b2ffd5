package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
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

  private final Path file;
  private final FileChannel channel;

  private Unfinished(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// @param directory where to keep it; `null`: nowhere
  /// @return empty when it is kept nowhere, or another process sends the same blob
  static Optional<Unfinished> claim(
      @Nullable Path directory, Address registry, String repository, Descriptor blob)
      throws IOException {
    if (directory == null || blob.size() < SMALLEST) {
      return Optional.empty();
    }
    String what = registry.base() + "/" + repository + "@" + blob.digest();
    String name = Digest.sha256(what.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve(name + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (isOurs(channel)) {
        return Optional.of(new Unfinished(directory.resolve(name + ".json"), channel));
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException("cannot write to " + directory + ": " + e.getMessage(), e);
    }
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
    byte[] bytes =
        Json.compact(
            Json.object()
                .put("schemaVersion", 1)
                .put("location", upload.location().toString())
                .put("offset", upload.offset()));
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
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
