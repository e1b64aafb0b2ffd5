package dev.mlo.oci;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Where the content of a layout lies: each in a file of its own, `blobs/ALGORITHM/HEX`.
///
/// @param directory `DIR/blobs`
record BlobDirectory(Path directory) {
  Path path(Digest digest) {
    return directory.resolve(digest.algorithm()).resolve(digest.hex());
  }

  /// In bytes; -1 where there is no such file.
  static long size(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.isRegularFile() ? found.size() : -1;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw StoreException.of("read " + file, e);
    }
  }

  /// Whether the content came to this layout after a moment: the change time of its file, which a
  /// hard link from elsewhere sets as well.
  boolean isYounger(Digest digest, Instant moment) throws IOException {
    Path file = path(digest);
    return Files.isRegularFile(file) && changed(file).isAfter(moment);
  }

  /// A hard link counts as a change.
  static Instant changed(Path file) throws IOException {
    return ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
  }

  /// All that are there.
  List<Path> all() throws IOException {
    var files = new ArrayList<Path>();
    for (String algorithm : new String[] {"sha256", "sha512"}) {
      Path folder = directory.resolve(algorithm);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> found = Files.list(folder)) {
          found.filter(Files::isRegularFile).forEach(files::add);
        }
      }
    }
    return files;
  }

  /// What a file is called after; empty: it is no content.
  static Optional<Digest> digest(Path file) {
    String text = Objects.requireNonNull(file.getParent()).getFileName() + ":" + file.getFileName();
    return Digest.isDigest(text) ? Optional.of(Digest.parse(text)) : Optional.empty();
  }

  /// Makes the names of the files as lasting as their bytes already are.
  void sync() throws IOException {
    for (String algorithm : new String[] {"sha256", "sha512", ""}) {
      Path at = directory.resolve(algorithm);
      if (Files.isDirectory(at)) {
        force(at);
      }
    }
  }

  /// `fsync` of a file or a directory.
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw StoreException.of("write to " + path, e);
    }
  }
}
