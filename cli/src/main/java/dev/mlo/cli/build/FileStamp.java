package dev.mlo.cli.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/// By what a file is recognised without reading it. A program may set the modification time at
/// will, but every write and every such change sets the change time, and a replaced file has
/// another inode.
///
/// @param size in bytes
/// @param modified nanoseconds since 1970
/// @param changed nanoseconds since 1970
record FileStamp(long size, long modified, long changed, long inode) {
  /// The coarsest step a kernel's clock makes between two change times.
  private static final long TICK = 50_000_000;

  /// The same for file systems that keep whole seconds.
  private static final long COARSE = 2_000_000_000;

  static FileStamp of(Path file) throws IOException {
    Map<String, Object> found = Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino");
    return new FileStamp(
        (long) value(found, "size"),
        nanos((FileTime) value(found, "lastModifiedTime")),
        nanos((FileTime) value(found, "ctime")),
        (long) value(found, "ino"));
  }

  private static Object value(Map<String, Object> found, String name) {
    return Objects.requireNonNull(found.get(name), name);
  }

  static long now() {
    return nanos(FileTime.from(Instant.now()));
  }

  /// Whether a write after `moment` is bound to show in the change time. Git calls a file of which
  /// this is not so "racily clean" and reads it again.
  boolean isSettledAt(long moment) {
    long margin = changed % 1_000_000_000 == 0 ? COARSE : TICK;
    return changed + margin < moment && modified + margin < moment;
  }

  private static long nanos(FileTime time) {
    Instant instant = time.toInstant();
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }
}
