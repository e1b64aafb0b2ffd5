package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the runners a command is for, each with its token: the file named by the caller, else the
/// one beside the runner's own file, else the one that is set for all runners.
///
/// @param directory of the runner files, `.mlo/run`
/// @param named the token file the caller named for this command
/// @param general the token file for runners without one of their own
public record RunnerSearch(Path directory, @Nullable Path named, @Nullable Path general) {
  /// Runners by the URLs a person typed.
  public List<RunnerTarget> at(List<String> urls) throws IOException {
    var targets = new LinkedHashMap<URI, RunnerTarget>();
    for (String text : urls) {
      add(targets, RunnerTarget.url(text));
    }
    return List.copyOf(targets.values());
  }

  /// The runners of an environment: those of the manifest, and those of the model that run here.
  public List<RunnerTarget> of(List<URI> manifest, String model) throws IOException {
    var targets = new LinkedHashMap<URI, RunnerTarget>();
    for (URI url : manifest) {
      add(targets, RunnerTarget.url(url.toString()));
    }
    for (RunnerFile runner : alive()) {
      if (runner.model().equals(model)) {
        add(targets, RunnerTarget.url(runner.admin()));
      }
    }
    return List.copyOf(targets.values());
  }

  /// The runners that run here.
  ///
  /// @param model its name; `null`: whichever they all serve
  /// @throws Failure when there is none, or it is not clear which are meant
  public List<RunnerTarget> here(@Nullable String model) throws IOException {
    List<RunnerFile> alive = alive();
    List<RunnerFile> wanted =
        alive.stream().filter(r -> model == null || r.model().equals(model)).toList();
    var models = new TreeSet<>(wanted.stream().map(RunnerFile::model).toList());
    if (models.size() > 1) {
      throw Failure.of(ExitCode.USAGE, "it is not clear which runners are meant")
          .why("runners of %s run here".formatted(String.join(", ", models)))
          .hint("name them: --runner " + wanted.getFirst().admin());
    }
    if (wanted.isEmpty()) {
      throw Failure.of(
              ExitCode.NOT_FOUND,
              model == null
                  ? "no runner of this project runs"
                  : "no runner of `%s` runs here".formatted(model))
          .why(
              alive.isEmpty()
                  ? "`%s` describes none that is alive".formatted(directory)
                  : "here run: "
                      + String.join(
                          ", ", new TreeSet<>(alive.stream().map(RunnerFile::model).toList())))
          .hint("start one with `mlo run IMAGE`, or name its admin port with --runner URL");
    }
    var targets = new LinkedHashMap<URI, RunnerTarget>();
    for (RunnerFile runner : wanted) {
      add(targets, RunnerTarget.url(runner.admin()));
    }
    return List.copyOf(targets.values());
  }

  private List<RunnerFile> alive() throws IOException {
    return RunnerFile.all(directory).stream().filter(RunnerFile::runs).toList();
  }

  private void add(Map<URI, RunnerTarget> targets, URI url) throws IOException {
    if (!targets.containsKey(url)) {
      targets.put(url, new RunnerTarget(url, token(url)));
    }
  }

  private @Nullable Token token(URI url) throws IOException {
    if (named != null) {
      return Token.read(named);
    }
    Optional<Path> own =
        RunnerFile.all(directory).stream()
            .filter(runner -> same(runner.admin(), url) || same(runner.http(), url))
            .map(runner -> runner.token(directory))
            .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
            .findFirst();
    if (own.isPresent()) {
      return Token.read(own.get());
    }
    return general == null ? null : Token.read(general);
  }

  private static boolean same(String known, URI url) {
    try {
      URI other = RunnerTarget.url(known);
      return host(other).equals(host(url))
          && other.getPort() == url.getPort()
          && Objects.equals(other.getPath(), url.getPath());
    } catch (Failure e) {
      return false;
    }
  }

  private static String host(URI url) {
    return url.getHost().equalsIgnoreCase("localhost") ? "127.0.0.1" : url.getHost();
  }
}
