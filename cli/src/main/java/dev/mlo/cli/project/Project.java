package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.TensorSpec;
import dev.mlo.oci.Platform;
import java.nio.file.Files;
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
/// @param version as the manifest gives it; `null`: git or the content decides
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
  /// @param ignore what the project leaves out of every model
  public record Model(
      Path path,
      @Nullable String format,
      List<String> exclude,
      IgnoreFile ignore,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      @Nullable JsonNode parameters) {
    public Excluded excluded() {
      return new Excluded(
          exclude, Files.isDirectory(path) ? path : path.resolveSibling(""), ignore);
    }

    /// The file the engine opens: the model itself, or the one model in its directory that is not
    /// excluded.
    ///
    /// @throws Failure MANIFEST when there is none, or several, or the model is to be left out
    public Path entry() {
      Excluded excluded = excluded();
      boolean directory = Files.isDirectory(path);
      if (excluded.ignored(path, directory)) {
        throw Failure.of(
                ExitCode.MANIFEST,
                "`%s` leaves out the model itself, `%s`".formatted(IgnoreFile.NAME, path))
            .hint("drop the pattern in `%s` that matches it".formatted(IgnoreFile.NAME));
      }
      if (!directory) {
        return path;
      }
      List<Path> candidates =
          ModelReader.candidates(path).stream()
              .filter(file -> !excluded.matches(file, false))
              .toList();
      if (candidates.size() == 1) {
        return candidates.getFirst();
      }
      return ModelReader.findEntry(path)
          .filter(candidates::contains)
          .orElseThrow(() ->
              Failure.of(ExitCode.MANIFEST, "there is no model in `" + path + "`")
                  .why("no file there has a name that ends in .onnx or .pmml")
                  .hint("name the file: `model: path/to/model.onnx`"));
    }
  }

  public record Example(Path request, Path response, double tolerance) {}

  /// @param repository where `mlo push` sends to
  /// @param runner a pinned runner image; `null`: the installed one
  /// @param platforms what images are made for; empty: this machine's
  public record Image(
      @Nullable String repository, @Nullable String runner, List<Platform> platforms) {
    public Image {
      platforms = List.copyOf(platforms);
    }
  }

  /// The file beside the manifest that says what a build stood on; it need not exist.
  public Path lock() {
    return directory.resolve("mlo.lock");
  }

  public Workspace workspace() {
    return Workspace.of(directory);
  }

  public Optional<Environment> environment(String wanted) {
    return environments.stream().filter(e -> e.name().equals(wanted)).findFirst();
  }
}
