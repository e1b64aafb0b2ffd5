package dev.mlo.backend.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// Makes the engine fail instead of the process. A model can ask for any amount of memory, with one
/// number in a request; Linux grants it and kills the process when it is used. A limit on what the
/// process may allocate turns that into an error of the one inference.
final class MemoryLimit {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path MACHINE = Path.of("/proc/meminfo");

  /// A container's limit, as the two versions of Linux's control groups show it inside.
  private static final List<Path> LIMITS =
      List.of(
          Path.of("/sys/fs/cgroup/memory.max"),
          Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"));

  /// The part of the memory that is kept for everything but the engine: an eighth.
  private static final int RESERVE = 8;

  private MemoryLimit() {}

  /// Does nothing on systems other than Linux, or where a lower limit is set already.
  static void set() {
    try {
      if (Files.isReadable(STATUS) && Files.isReadable(MACHINE)) {
        long total = total(Files.readAllLines(MACHINE), LIMITS);
        bytes(Files.readAllLines(STATUS), total).ifPresent(LibC::limitData);
      }
    } catch (IOException e) {
      throw new IllegalStateException("this process does not know its own memory", e);
    }
  }

  /// The memory of the machine, or of the container when that has less, in bytes.
  ///
  /// @param machine the lines of `/proc/meminfo`
  /// @param limits files that may hold a number of bytes
  static long total(List<String> machine, List<Path> limits) throws IOException {
    long total = kibibytes(machine, "MemTotal:") * 1024;
    for (Path limit : limits) {
      if (Files.isReadable(limit)) {
        String text = Files.readString(limit).strip();
        // Also `max`, and numbers beyond every long.
        if (text.matches("\\d{1,18}")) {
          total = Math.min(total, Long.parseLong(text));
        }
      }
    }
    return total;
  }

  /// What the process has allocated, and what is left of the memory besides what it has in use:
  /// much of what a JVM allocates is never touched.
  ///
  /// @param status the lines of `/proc/self/status`
  /// @param total the memory of the container, or of the machine, in bytes
  static OptionalLong bytes(List<String> status, long total) {
    long allocated = kibibytes(status, "VmData:");
    long used = kibibytes(status, "VmRSS:");
    long left = total - total / RESERVE - used * 1024;
    return allocated < 0 || used < 0 || left <= 0
        ? OptionalLong.empty()
        : OptionalLong.of(allocated * 1024 + left);
  }

  private static long kibibytes(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name) && line.endsWith(" kB"))
        .mapToLong(line -> Long.parseLong(line.substring(name.length(), line.length() - 3).strip()))
        .findFirst()
        .orElse(-1);
  }
}
