package dev.mlo.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The installed command in the hands of one user, whose home is empty and whose environment is
/// clean.
///
/// @param command the link `PREFIX/bin/mlo`
/// @param home the user's home; gone after the test
/// @param directory where the command runs
/// @param more variables beside the ones every user has
public record Mlo(Path command, Path home, Path directory, Map<String, String> more) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  Mlo(Path command, Path home) {
    this(command, home, home, Map.of());
  }

  /// The same user in another directory.
  public Mlo in(Path other) {
    return new Mlo(command, home, other, more);
  }

  /// The same user with one more variable in the environment.
  public Mlo with(String variable, String value) {
    Map<String, String> all = new HashMap<>(more);
    all.put(variable, value);
    return new Mlo(command, home, directory, Map.copyOf(all));
  }

  /// The same user, who calls the command by another path.
  Mlo as(Path path) {
    return new Mlo(path, home, directory, more);
  }

  /// Runs the command to its end.
  public Outcome run(String... words) {
    return start(words).outcome(PATIENCE);
  }

  /// Starts the command; for those that serve.
  public Installed.Running start(String... words) {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(List.of(words));
    return Installed.start(line, directory, environment());
  }

  private Map<String, String> environment() {
    Map<String, String> all = new HashMap<>();
    all.put("HOME", home.toString());
    all.put("XDG_CACHE_HOME", home.resolve(".cache").toString());
    all.put("XDG_CONFIG_HOME", home.resolve(".config").toString());
    all.put("XDG_DATA_HOME", home.resolve(".local/share").toString());
    all.put("XDG_STATE_HOME", home.resolve(".local/state").toString());
    all.putAll(more);
    return all;
  }
}
