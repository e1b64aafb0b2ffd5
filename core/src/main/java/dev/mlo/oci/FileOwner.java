package dev.mlo.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The process that writes a file, as the file's name tells it: `WORLD-PROCESS`.
///
/// @param world where the process number means something: a boot of a machine, and a process
///   namespace there
public record FileOwner(String world, long process) {
  /// What it looks like in a name.
  public static final String PATTERN = "[0-9a-f]{12}-[0-9]{1,18}";

  private static final Pattern WORDS = Pattern.compile("([0-9a-f]{12})-([0-9]{1,18})");

  /// Files of processes we cannot see (another machine or container on a shared disk) are left
  /// alone for this long.
  private static final Duration FOREIGN = Duration.ofHours(24);

  /// This process.
  public static FileOwner me() {
    return new FileOwner(here(), ProcessHandle.current().pid());
  }

  /// @return empty when the text names no process
  public static Optional<FileOwner> parse(String text) {
    Matcher words = WORDS.matcher(text);
    return words.matches()
        ? Optional.of(new FileOwner(words.group(1), Long.parseLong(words.group(2))))
        : Optional.empty();
  }

  /// Whether the process is no more, which left this file or folder of its own; one that is gone
  /// itself was not left.
  public boolean hasLeft(Path file) throws IOException {
    Instant touched;
    try {
      touched = Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      return false;
    }
    return world.equals(here()) ? isDead(touched) : touched.isBefore(Instant.now().minus(FOREIGN));
  }

  /// A process that started after the file was last written only inherited the number.
  private boolean isDead(Instant touched) {
    return ProcessHandle.of(process)
        .map(other ->
            process != ProcessHandle.current().pid()
                && other
                    .info()
                    .startInstant()
                    .map(start -> start.isAfter(touched.plusSeconds(2)))
                    .orElse(false))
        .orElse(true);
  }

  private static String here() {
    String text = "here";
    try {
      text =
          Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
              + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      text = "here";
    }
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).brief();
  }

  @Override
  public String toString() {
    return world + "-" + process;
  }
}
