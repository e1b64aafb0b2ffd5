package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The content of a layout: one read-only file a digest, `blobs/ALGORITHM/HEX`. A file has its name
/// only once all its bytes are on the disk.
final class Blobs {
  /// A file as it was when it was last read to its end.
  private record Seen(@Nullable Object key, long size, FileTime modified) {}

  private final Path directory;
  private final BlobDirectory files;
  private final TempFiles temporary;
  private final Partials partials;
  private final AtomicBoolean swept = new AtomicBoolean();
  private final Map<Digest, Seen> verified = new ConcurrentHashMap<>();

  /// @param directory `DIR/blobs`
  Blobs(Path directory) {
    this.directory = directory;
    this.files = new BlobDirectory(directory);
    this.temporary = new TempFiles(directory);
    this.partials = new Partials(directory);
  }

  BlobDirectory files() {
    return files;
  }

  /// Whether the content is here with its full size; a truncated file is as good as none.
  boolean has(Descriptor descriptor) throws IOException {
    return BlobDirectory.size(files.path(descriptor.digest())) == descriptor.size();
  }

  InputStream open(Descriptor descriptor) throws IOException {
    Path file = files.path(descriptor.digest());
    long size = BlobDirectory.size(file);
    if (size < 0) {
      throw new NotFoundException("%s is not in %s".formatted(descriptor.digest(), directory));
    }
    if (size != descriptor.size()) {
      throw new DigestMismatchException(
          "%s in %s: it has %d bytes, not %d"
              .formatted(descriptor.digest(), directory, size, descriptor.size()));
    }
    try {
      return new VerifiedStream(Files.newInputStream(file), descriptor, directory.toString());
    } catch (IOException e) {
      throw StoreException.of("read " + file, e);
    }
  }

  byte[] read(Descriptor descriptor) throws IOException {
    Documents.bounded(descriptor);
    try (InputStream in = open(descriptor)) {
      return in.readAllBytes();
    }
  }

  /// The bytes of a document whose size nobody told.
  byte[] read(Digest digest) throws IOException {
    long size = BlobDirectory.size(files.path(digest));
    if (size < 0) {
      throw new NotFoundException("%s is not in %s".formatted(digest, directory));
    }
    return read(Descriptor.of("", digest, size));
  }

  /// Reads a file to its end unless that was done before and the file is the same.
  void verify(Descriptor descriptor) throws IOException {
    Path file = files.path(descriptor.digest());
    @Nullable Seen before = verified.get(descriptor.digest());
    if (before != null && before.equals(look(file)) && before.size() == descriptor.size()) {
      return;
    }
    try (InputStream in = open(descriptor)) {
      Seen now = look(file);
      in.transferTo(OutputStream.nullOutputStream());
      verified.put(descriptor.digest(), now);
    }
  }

  private static Seen look(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new Seen(found.fileKey(), found.size(), found.lastModifiedTime());
    } catch (IOException e) {
      throw StoreException.of("read " + file, e);
    }
  }

  /// The file itself, not a symbolic link to it.
  Optional<Path> file(Descriptor descriptor) throws IOException {
    try {
      return has(descriptor)
          ? Optional.of(files.path(descriptor.digest()).toRealPath())
          : Optional.empty();
    } catch (IOException e) {
      throw StoreException.of("read " + files.path(descriptor.digest()), e);
    }
  }

  long take(Descriptor descriptor, ImageSource source) throws IOException {
    if (has(descriptor)) {
      return 0;
    }
    Optional<Path> file = source.file(descriptor);
    if (file.isPresent()) {
      source.verify(descriptor);
      if (link(descriptor, file.get())) {
        return 0;
      }
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return fetch(descriptor, source);
      } catch (DigestMismatchException e) {
        source.again(descriptor, attempt, e);
      }
    }
  }

  private long fetch(Descriptor descriptor, ImageSource source) throws IOException {
    if (descriptor.size() >= Partials.SMALLEST) {
      OptionalLong arrived = fetchLarge(descriptor, source);
      if (arrived.isPresent()) {
        return arrived.getAsLong();
      }
    }
    try (InputStream in = source.blob(descriptor)) {
      write(descriptor, out -> VerifiedStream.transfer(in, out, descriptor.size()));
    }
    return descriptor.size();
  }

  /// @return how much of it came now; empty where the source has no parts of blobs to give
  private OptionalLong fetchLarge(Descriptor descriptor, ImageSource source) throws IOException {
    prepare(descriptor.digest().algorithm());
    OptionalLong arrived =
        new LargeBlob(descriptor, source, partials).fetch(whole -> keep(whole, descriptor));
    if (arrived.isPresent()) {
      partials.forget(descriptor.digest());
    }
    return arrived;
  }

  /// @return false where the file system allows no link; the content must be copied then
  private boolean link(Descriptor descriptor, Path file) throws IOException {
    Path target = unnamed(descriptor.digest().algorithm());
    try {
      Files.createLink(target, file);
      BlobDirectory.force(target);
      publish(target, descriptor.digest());
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      Files.deleteIfExists(target);
      return false;
    }
  }

  /// Writes content that must turn out to have this digest and size.
  void write(Descriptor descriptor, BlobWriter writer) throws IOException {
    write(descriptor.mediaType(), descriptor.digest().algorithm(), writer, descriptor);
  }

  /// Writes content from memory; what is there already stays, what is damaged is replaced.
  ///
  /// @return the number of bytes that were written
  long write(Descriptor descriptor, byte[] bytes) throws IOException {
    try {
      if (has(descriptor)
          && Arrays.equals(Files.readAllBytes(files.path(descriptor.digest())), bytes)) {
        return 0;
      }
    } catch (IOException e) {
      throw StoreException.of("read " + files.path(descriptor.digest()), e);
    }
    write(descriptor, out -> out.write(bytes));
    return bytes.length;
  }

  /// Writes content whose digest is known afterwards.
  Descriptor write(String mediaType, BlobWriter writer) throws IOException {
    return write(mediaType, "sha256", writer, null);
  }

  private Descriptor write(
      String mediaType, String algorithm, BlobWriter writer, @Nullable Descriptor expected)
      throws IOException {
    Path target = unnamed(algorithm);
    boolean done = false;
    try {
      Descriptor written = fill(target, mediaType, algorithm, writer);
      if (expected != null && !expected.bare().equals(written.bare())) {
        throw new DigestMismatchException(
            "%s (%d bytes): what came instead is %s (%d bytes)"
                .formatted(expected.digest(), expected.size(), written.digest(), written.size()));
      }
      keep(target, written);
      done = true;
      return written;
    } finally {
      if (!done) {
        Files.deleteIfExists(target);
      }
    }
  }

  private Descriptor fill(Path target, String mediaType, String algorithm, BlobWriter writer)
      throws IOException {
    try (BlobOutput out = new BlobOutput(target, directory, algorithm)) {
      writer.writeTo(out);
      Digest digest = out.finish();
      return Descriptor.of(mediaType, digest, out.written());
    }
  }

  /// Gives a complete file its name. A file that is already there stays when it is the same, so
  /// that it goes on sharing its bytes with other layouts; a damaged one is replaced.
  private void keep(Path target, Descriptor written) throws IOException {
    Path name = files.path(written.digest());
    try {
      if (BlobDirectory.size(name) == written.size() && Files.mismatch(target, name) < 0) {
        Files.delete(target);
        return;
      }
      // In this order: what has arrived of a blob must stay writable for the run that goes on with
      // it.
      publish(target, written.digest());
      readOnly(name);
    } catch (IOException e) {
      throw StoreException.of("write " + name, e);
    }
  }

  /// Renaming one hard link over another of the same file does nothing (POSIX `rename`), hence the
  /// deletion.
  private void publish(Path target, Digest digest) throws IOException {
    Files.move(
        target,
        files.path(digest),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(target);
  }

  private static void readOnly(Path file) throws IOException {
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    } catch (UnsupportedOperationException e) {
      if (!file.toFile().setReadOnly()) {
        throw new IOException("cannot make " + file + " read-only", e);
      }
    }
  }

  private void prepare(String algorithm) throws IOException {
    try {
      Files.createDirectories(directory.resolve(algorithm));
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(directory.resolve(algorithm) + " is no directory", e);
    } catch (IOException e) {
      throw StoreException.of("write to " + directory, e);
    }
    if (swept.compareAndSet(false, true)) {
      temporary.sweep();
      partials.sweep(Instant.now().minus(Partials.LIFE));
    }
  }

  /// A name for a file that grows before it gets its own.
  private Path unnamed(String algorithm) throws IOException {
    prepare(algorithm);
    return temporary.fresh();
  }

  /// Removes content that is not among `kept` and came before a moment, and what processes left
  /// that are no more: of blobs that did not arrive as a whole, what came before that moment.
  ///
  /// @param dryRun only say what would go
  LayoutStore.Collected sweep(Set<Digest> kept, Instant moment, boolean dryRun) throws IOException {
    int count = 0;
    long bytes = 0;
    var removed = new HashSet<Path>();
    for (Path file : files.all()) {
      Optional<Digest> digest = BlobDirectory.digest(file);
      if (digest.isEmpty()
          || kept.contains(digest.get())
          || BlobDirectory.changed(file).isAfter(moment)) {
        continue;
      }
      count++;
      removed.add(file);
      // What another layout shares stays on the disk.
      bytes += (int) Files.getAttribute(file, "unix:nlink") > 1 ? 0 : Files.size(file);
      if (!dryRun) {
        Files.deleteIfExists(file);
      }
    }
    for (Path part : partials.before(moment)) {
      count++;
      bytes += Files.size(part);
    }
    if (!dryRun) {
      temporary.sweep();
      partials.sweep(moment);
      files.sync();
    }
    return new LayoutStore.Collected(count, bytes, removed);
  }
}
