package dev.mlo.cli.doctor;

import dev.mlo.cli.Installation;
import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What lies around `mlo`: the shell, the locale, proxies, an engine.
record SurroundingQuestions(Installation installation, Map<String, String> environment) {
  List<Check> command() throws IOException {
    var checks = new ArrayList<Check>();
    @Nullable Path first = onPath();
    Path here = installation.home().resolve("bin/mlo");
    if (first == null) {
      checks.add(
          new Check.Doubtful(
              "command",
              "mlo is not in PATH",
              "export PATH=\"%s:$PATH\"".formatted(prefix("bin"))));
    } else if (!Files.exists(here) || Files.isSameFile(first, here)) {
      checks.add(new Check.Fine("command", first.toString()));
    } else {
      checks.add(
          new Check.Doubtful("command", "`mlo` in PATH is another one: " + first, "type -a mlo"));
    }
    checks.addAll(completion());
    return checks;
  }

  private @Nullable Path onPath() {
    for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
      Path file = folder.isEmpty() ? Path.of("mlo") : Path.of(folder, "mlo");
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  /// Where the installer puts things: an installation is `PREFIX/lib/mlo/VERSION`.
  private Path prefix(String below) {
    return installation.home().resolve("../../..").resolve(below).normalize();
  }

  private List<Check> completion() throws IOException {
    String shell = environment.getOrDefault("SHELL", "").replaceFirst(".*/", "");
    String below =
        switch (shell) {
          case "bash" -> "share/bash-completion/completions/mlo";
          case "zsh" -> "share/zsh/site-functions/_mlo";
          case "fish" -> "share/fish/vendor_completions.d/mlo.fish";
          default -> "";
        };
    Path shipped = installation.home().resolve("completions").resolve("mlo." + shell);
    if (below.isEmpty() || !Files.exists(shipped)) {
      return List.of();
    }
    Path installed = prefix(below);
    if (!Files.exists(installed)) {
      return List.of(
          new Check.Doubtful(
              "completion",
              "not installed for " + shell,
              "mlo completion %s > FILE, where %s looks".formatted(shell, shell)));
    }
    return List.of(
        Files.mismatch(installed, shipped) < 0
            ? new Check.Fine("completion", installed.toString())
            : new Check.Doubtful(
                "completion",
                installed + " is of another version",
                "mlo completion %s > %s".formatted(shell, installed)));
  }

  List<Check> locale() throws IOException {
    var checks = new ArrayList<Check>();
    String names = System.getProperty("sun.jnu.encoding", "");
    checks.add(
        names.equalsIgnoreCase("UTF-8")
            ? new Check.Fine("locale", "names of files are read as UTF-8")
            : new Check.Broken(
                "locale",
                "names of files are read as %s: those that are not ASCII cannot be opened"
                    .formatted(names),
                "export LC_ALL=C.UTF-8",
                ExitCode.UNEXPECTED));
    @Nullable Check umask = umask();
    if (umask != null) {
      checks.add(umask);
    }
    return checks;
  }

  private static @Nullable Check umask() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return null;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("Umask:")) {
        String text = line.substring(6).strip();
        int mask = Integer.parseInt(text, 8);
        if ((mask & 0700) != 0) {
          return new Check.Broken(
              "umask",
              text + ": you may not use what you write yourself",
              "umask 022",
              ExitCode.DENIED);
        }
        return (mask & 0002) == 0
            ? new Check.Doubtful(
                "umask", text + ": everybody may change what you write", "umask 022")
            : new Check.Fine("umask", text);
      }
    }
    return null;
  }

  List<Check> proxies() {
    var checks = new ArrayList<Check>();
    for (String name : List.of("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")) {
      @Nullable String lower = environment.get(name.toLowerCase(Locale.ROOT));
      String value = (lower == null ? environment.getOrDefault(name, "") : lower).strip();
      if (!value.isEmpty()) {
        checks.add(proxy(name, value));
      }
    }
    return checks;
  }

  private static Check proxy(String name, String value) {
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      if (uri.getHost() != null && "http".equals(uri.getScheme())) {
        String account = uri.getRawUserInfo() == null ? "" : ", with an account";
        return new Check.Fine(
            name,
            "%s:%d%s".formatted(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), account));
      }
    } catch (IllegalArgumentException e) {
      // What is said below must not repeat it: it may hold a password.
      return unclear(name);
    }
    return unclear(name);
  }

  private static Check unclear(String name) {
    return new Check.Broken(
        name,
        "is no address of a proxy",
        "export %s=http://HOST:PORT".formatted(name),
        ExitCode.USAGE);
  }

  List<Check> engine() throws IOException {
    String name = "Docker Engine";
    try (DockerEngine engine = DockerEngine.find(environment)) {
      return List.of(new Check.Fine(name, engine.version()));
    } catch (Failure e) {
      return switch (e.code()) {
        case NOT_FOUND -> List.of(new Check.Fine(name, "none, and none is needed"));
        default ->
            List.of(
                new Check.Doubtful(
                    name,
                    e.what() + (e.why().isEmpty() ? "" : ": " + e.why().getFirst()),
                    Objects.requireNonNullElse(e.hint(), "docker version")));
      };
    }
  }
}
