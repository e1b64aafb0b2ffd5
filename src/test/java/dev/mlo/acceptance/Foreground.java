package dev.mlo.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The command as the foreground job of a terminal: a process group of its own, all of which Ctrl-C
/// reaches, a runner that the command started too.
record Foreground(Process process, BufferedReader stderr, StringBuilder said)
    implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  static Foreground start(Mlo mlo, String... words) throws IOException {
    var line = new ArrayList<String>(List.of("setsid", mlo.command().toString()));
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line).directory(mlo.directory().toFile());
    builder.environment().put("HOME", mlo.home().toString());
    builder.environment().put("XDG_CACHE_HOME", mlo.home().resolve(".cache").toString());
    builder.environment().putAll(mlo.more());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    return new Foreground(
        process, process.errorReader(StandardCharsets.UTF_8), new StringBuilder());
  }

  /// Waits until the command has said a line that begins so.
  Foreground awaitLine(String start) throws IOException {
    for (String line = stderr.readLine(); line != null; line = stderr.readLine()) {
      said.append(line).append('\n');
      if (line.startsWith(start)) {
        return this;
      }
    }
    throw new AssertionError("it never says `" + start + "`: " + said);
  }

  /// Starts the command and waits until something with such a name appears in a directory.
  static Foreground startAndAwaitFile(
      Path directory, Predicate<String> name, Mlo mlo, String... words)
      throws IOException, InterruptedException {
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      Foreground started = start(mlo, words);
      WatchKey key = watch.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      while (key != null) {
        for (WatchEvent<?> event : key.pollEvents()) {
          if (name.test(String.valueOf(event.context()))) {
            return started;
          }
        }
        key.reset();
        key = watch.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      started.close();
      throw new AssertionError("no such file appears in " + directory);
    }
  }

  /// What is left after a Ctrl-C.
  ///
  /// @param alive whether a process of the group outlived the command
  record Ended(int exit, String stderr, boolean alive) {}

  /// Ctrl-C, which reaches all of the group.
  Ended interrupt() throws IOException, InterruptedException {
    signal("-INT");
    return awaitEnd();
  }

  /// SIGTERM to the command alone, as a service manager sends it.
  Ended terminate() throws IOException, InterruptedException {
    // Process.destroy() would close what it says last.
    process.toHandle().destroy();
    return awaitEnd();
  }

  private Ended awaitEnd() throws IOException, InterruptedException {
    for (String line = stderr.readLine(); line != null; line = stderr.readLine()) {
      said.append(line).append('\n');
    }
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("a signal does not end it: " + said);
    }
    return new Ended(process.exitValue(), said.toString(), signal("-0") == 0);
  }

  private int signal(String signal) throws IOException, InterruptedException {
    return Installed.start(
            List.of("/bin/kill", signal, "--", "-" + process.pid()), Path.of("/"), Map.of())
        .process()
        .waitFor();
  }

  @Override
  public void close() throws IOException {
    try {
      signal("-KILL");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stderr.close();
  }
}
