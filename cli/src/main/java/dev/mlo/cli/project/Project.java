package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A checked `mlops.yaml`: every name is well formed and every file it names exists inside the
/// project.
///
/// @param directory absolute and real
/// @param name a DNS label
/// @param version as the manifest gives it; `null`: see [#buildVersion]
/// @param environments in order of promotion; never empty
/// @param ledger the bare git repository that records promotions
public record Project(
    Path directory,
    Path manifest,
    String name,
    @Nullable String version,
    @Nullable String description,
    @Nullable String license,
    List<String> authors,
    Map<String, String> labels,
    Model model,
    List<Example> examples,
    @Nullable JsonNode provenance,
    ServeSettings serve,
    Image image,
    List<Environment> environments,
    Path ledger) {

  /// @param path the file or the directory, absolute, inside the project
  /// @param format `null`: detected from the files
  /// @param inputs as declared; empty: read from the model
  public record Model(
      Path path,
      @Nullable String format,
      List<String> exclude,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      @Nullable JsonNode parameters) {}

  public record Example(Path request, Path response, double tolerance) {}

  /// @param repository where `mlo push` sends to
  /// @param runner a pinned runner image; `null`: the installed one
  public record Image(@Nullable String repository, @Nullable String runner) {}

  /// The version that a build gives: the manifest's, else git's; `null`: the content decides.
  public @Nullable String buildVersion() {
    if (version != null) {
      return version;
    }
    GitState git = GitState.of(directory);
    return git == null ? null : git.version();
  }

  public Workspace workspace() {
    return Workspace.of(directory);
  }

  public Optional<Environment> environment(String wanted) {
    return environments.stream().filter(e -> e.name().equals(wanted)).findFirst();
  }
}
