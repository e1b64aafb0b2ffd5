package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the environments of a project point at. With a manifest they are those it declares; without
/// one they are the directories below `.mlo/envs`.
public final class Environments {
  /// Where an environment points.
  ///
  /// @param name the moving name in the environment's store, `MODEL:ENVIRONMENT`
  public record Pointer(LayoutStore store, Descriptor root, String name) {}

  private final Path directory;
  private @Nullable Project project;

  private Environments(Path directory, @Nullable Project project) {
    this.directory = directory;
    this.project = project;
  }

  static Environments in(Path directory) {
    return new Environments(directory, null);
  }

  static Environments of(Project project) {
    return new Environments(project.directory(), project);
  }

  /// @throws Failure NOT_FOUND when the environment does not exist or has nothing yet
  public Pointer pointer(String environment) throws IOException {
    Path store = store(environment);
    if (!Files.isDirectory(store)) {
      throw nothing(environment, "there is no " + store);
    }
    LayoutStore layout = LayoutStore.open(store);
    Map<String, Descriptor> tags = layout.tags();
    List<String> pointers =
        tags.keySet().stream().filter(tag -> tag.endsWith(":" + environment)).toList();
    String wanted = model().map(model -> model + ":" + environment).orElse("");
    String name = pointers.size() == 1 && wanted.isEmpty() ? pointers.getFirst() : wanted;
    @Nullable Descriptor root = tags.get(name);
    if (root != null) {
      return new Pointer(layout, root, name);
    }
    if (pointers.size() > 1 && wanted.isEmpty()) {
      throw Failure.of(ExitCode.USAGE, "`env:" + environment + "` is ambiguous")
          .why("it holds " + String.join(", ", pointers) + ", and there is no mlops.yaml to choose")
          .hint("mlo inspect oci:%s:%s".formatted(store, pointers.getFirst()));
    }
    throw nothing(environment, store + " has no pointer" + (wanted.isEmpty() ? "" : " " + wanted));
  }

  private static Failure nothing(String environment, String why) {
    return Failure.of(ExitCode.NOT_FOUND, "environment `%s` has no image".formatted(environment))
        .why(why)
        .hint("mlo promote --to " + environment);
  }

  /// The pointers that exist, by their names, in order of promotion.
  public Map<String, Pointer> pointers() throws IOException {
    var found = new LinkedHashMap<String, Pointer>();
    for (String environment : names()) {
      if (Files.isDirectory(store(environment))) {
        LayoutStore layout = LayoutStore.open(store(environment));
        layout
            .tags()
            .forEach((name, root) -> {
              if (name.endsWith(":" + environment)) {
                found.put(name, new Pointer(layout, root, name));
              }
            });
      }
    }
    return found;
  }

  /// In order of promotion, as far as it is known.
  public List<String> names() throws IOException {
    Optional<Project> declared = project();
    if (declared.isPresent()) {
      return declared.get().environments().stream().map(Environment::name).toList();
    }
    Path root = Workspace.of(directory).environment("x").resolveSibling("");
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    List<String> usual = List.of("dev", "test", "prod");
    try (Stream<Path> directories = Files.list(root)) {
      return directories
          .map(path -> String.valueOf(path.getFileName()))
          .sorted(
              java.util.Comparator.comparingInt(
                      (String name) -> usual.contains(name) ? usual.indexOf(name) : usual.size())
                  .thenComparing(name -> name))
          .toList();
    }
  }

  private Path store(String environment) {
    Optional<Project> declared = project();
    if (declared.isEmpty()) {
      return Workspace.of(directory).environment(environment);
    }
    return declared
        .get()
        .environment(environment)
        .map(Environment::store)
        .orElseThrow(() ->
            Failure.of(ExitCode.NOT_FOUND, "there is no environment `" + environment + "`")
                .why(
                    "mlops.yaml knows "
                        + String.join(
                            ", ",
                            declared.get().environments().stream()
                                .map(Environment::name)
                                .toList())));
  }

  private Optional<String> model() {
    return project().map(Project::name);
  }

  private Optional<Project> project() {
    if (project == null && Files.exists(directory.resolve(ProjectReader.MANIFEST))) {
      project = ProjectReader.read(directory);
    }
    return Optional.ofNullable(project);
  }
}
