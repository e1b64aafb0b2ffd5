package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.jspecify.annotations.Nullable;

/// Who promotes.
///
/// @param email empty when nobody told it
/// @param how where the name was found: `environment`, `git` or `system`
public record Actor(String name, String email, String how) {
  private static final int LONGEST = 200;
  private static final long LARGEST_CONFIG = 1 << 20;

  public Actor {
    name = tidy(name);
    email = tidy(email);
  }

  /// The person at this machine: git's own variables, else the `user` of the project's or the
  /// person's git configuration, else the account. A configuration that cannot be read is skipped.
  public static Actor current(Path project) {
    return find(project, System.getenv(), System.getProperty("user.name", "unknown"));
  }

  static Actor find(Path project, Map<String, String> environment, String account) {
    @Nullable String said = environment.get("GIT_COMMITTER_NAME");
    if (said != null && !said.isBlank()) {
      return new Actor(said, environment.getOrDefault("GIT_COMMITTER_EMAIL", ""), "environment");
    }
    for (Path file : configurations(project, environment)) {
      Config config = read(file);
      @Nullable String name = config.getString("user", null, "name");
      if (name != null && !name.isBlank()) {
        @Nullable String email = config.getString("user", null, "email");
        return new Actor(name, email == null ? "" : email, "git");
      }
    }
    @Nullable String user = environment.get("USER");
    return new Actor(user == null || user.isBlank() ? account : user, "", "system");
  }

  private static List<Path> configurations(Path project, Map<String, String> environment) {
    var files = new java.util.ArrayList<Path>();
    files.add(project.resolve(".git").resolve("config"));
    @Nullable String home = environment.get("HOME");
    if (home != null && !home.isBlank()) {
      files.add(Path.of(home, ".gitconfig"));
      @Nullable String xdg = environment.get("XDG_CONFIG_HOME");
      Path base = xdg == null || xdg.isBlank() ? Path.of(home, ".config") : Path.of(xdg);
      files.add(base.resolve("git").resolve("config"));
    }
    return files;
  }

  private static Config read(Path file) {
    var config = new Config();
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= LARGEST_CONFIG) {
        config.fromText(Files.readString(file));
      }
    } catch (IOException | ConfigInvalidException | RuntimeException e) {
      return new Config();
    }
    return config;
  }

  private static String tidy(String text) {
    String line = text.replaceAll("[\\p{Cntrl}<>]", " ").strip();
    return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
  }

  ObjectNode json() {
    return Json.object().put("name", name).put("email", email).put("how", how);
  }

  static Actor parse(JsonNode node) throws LedgerFormatException {
    LedgerFields fields = new LedgerFields(node);
    return new Actor(fields.text("name"), fields.text("email"), fields.text("how"));
  }
}
