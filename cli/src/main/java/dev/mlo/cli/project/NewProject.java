package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes the manifest of a new project: finds the model in its directory, reads what it takes and
/// gives, and fills the template in.
public final class NewProject {
  private static final String FALLBACK_NAME = "model";
  private static final String FIRST_VERSION = "0.1.0";

  private NewProject() {}

  /// @param name of the model; `null`: made of the directory's
  /// @param from the model file or directory; `null`: the one in the directory
  /// @param force whether a manifest that is there is replaced
  /// @param dryRun whether nothing is written
  public record Request(
      Path directory, @Nullable String name, @Nullable Path from, boolean force, boolean dryRun) {}

  /// @param directoryName what the name was made of, when it had to be changed; else `null`
  /// @param text of the manifest
  /// @param examples how many pairs of request and answer were found
  /// @param written whether the manifest was written, or only would be
  public record Result(
      Path manifest,
      String name,
      @Nullable String directoryName,
      String modelPath,
      ModelDescription model,
      String text,
      int examples,
      boolean written) {}

  /// @throws Failure MANIFEST when there is no model, or several, or a manifest already
  public static Result create(Request request) throws IOException {
    Path directory = existing(request.directory());
    Path manifest = directory.resolve(ProjectReader.MANIFEST);
    if (Files.exists(manifest, LinkOption.NOFOLLOW_LINKS) && !request.force()) {
      throw Failure.of(ExitCode.MANIFEST, "`%s` is there already".formatted(manifest))
          .hint("mlo validate, or mlo init --force to replace it");
    }
    Path model = model(directory, request.from());
    ModelDescription description = ModelReader.read(entry(model));
    String directoryName = String.valueOf(directory.getFileName());
    String name = name(request.name(), directoryName);
    List<ExamplePairs.Pair> examples = ExamplePairs.below(directory);
    String path = slashes(directory.relativize(model));
    String text = Template.fill(name, FIRST_VERSION, path, description, examples);
    if (!request.dryRun()) {
      Drop.file(
          directory.resolve(".mlo").resolve("schema.json"), Json.pretty(ManifestSchema.json()));
      Drop.file(manifest, text.getBytes(StandardCharsets.UTF_8));
      ProjectReader.read(manifest);
    }
    boolean derived = request.name() == null && !name.equals(directoryName);
    return new Result(
        manifest,
        name,
        derived ? directoryName : null,
        path,
        description,
        text,
        examples.size(),
        !request.dryRun());
  }

  private static Path existing(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no directory `%s`".formatted(directory));
    }
    return directory.toRealPath();
  }

  /// Where the model is; inside the directory.
  private static Path model(Path directory, @Nullable Path from) throws IOException {
    if (from != null) {
      return named(directory, from);
    }
    List<Path> found = ModelReader.candidates(directory);
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "there is no model in `%s`".formatted(directory))
          .why("no file there or below ends with .onnx")
          .hint("export the model to ONNX into the directory, then: mlo init");
    }
    if (found.size() > 1) {
      List<String> names = found.stream().map(p -> slashes(directory.relativize(p))).toList();
      throw Failure.of(
              ExitCode.MANIFEST, "there are %d models in `%s`".formatted(found.size(), directory))
          .why(names)
          .hint("mlo init --from " + names.getFirst());
    }
    return found.getFirst();
  }

  /// A model given by name: relative to where the person is, else to the project.
  private static Path named(Path directory, Path from) throws IOException {
    Path path = Files.exists(from) ? from : directory.resolve(from);
    if (!Files.exists(path)) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no model `%s`".formatted(from));
    }
    Path real = path.toRealPath();
    if (!real.startsWith(directory) || real.equals(directory)) {
      throw Failure.of(
              ExitCode.MANIFEST, "the model `%s` is not below `%s`".formatted(from, directory))
          .hint("cp %s %s/".formatted(from, directory));
    }
    return real;
  }

  private static Path entry(Path model) {
    return ModelReader.findEntry(model)
        .orElseThrow(
            () -> Failure.of(ExitCode.MANIFEST, "there is no model in `%s`".formatted(model)));
  }

  private static String name(@Nullable String wanted, String directoryName) {
    if (wanted == null) {
      return derived(directoryName);
    }
    if (!ManifestKeys.NAME.takes(wanted)) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no name for a model".formatted(wanted))
          .why("expected " + ManifestKeys.NAME.expected())
          .hint("mlo init --name " + derived(wanted));
    }
    return wanted;
  }

  /// The DNS label nearest to any text.
  static String derived(String text) {
    String label =
        text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    String cut = label.length() > 63 ? label.substring(0, 63).replaceAll("-+$", "") : label;
    return cut.isEmpty() ? FALLBACK_NAME : cut;
  }

  private static String slashes(Path path) {
    var parts = new ArrayList<String>();
    path.forEach(part -> parts.add(part.toString()));
    return String.join("/", parts);
  }
}
