package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes the manifest of a new project: finds the model in its directory, reads what it takes and
/// gives, and fills the template in.
public final class NewProject {
  private static final String FALLBACK_NAME = "model";
  private static final String FIRST_VERSION = "0.1.0";

  private NewProject() {}

  /// @param name of the model; `null`: made of the directory's
  /// @param from the model file or directory, or another tool's file or directory; `null`: the
  ///   model in the directory
  /// @param force whether a manifest that is there is replaced
  /// @param dryRun whether nothing is written
  public record Request(
      Path directory, @Nullable String name, @Nullable Path from, boolean force, boolean dryRun) {}

  /// @param directoryName what the name was made of, when it had to be changed; else `null`
  /// @param text of the manifest
  /// @param examples how many pairs of request and answer were found
  /// @param migration what came of another tool's file
  /// @param written whether the manifest was written, or only would be
  public record Result(
      Path manifest,
      String name,
      @Nullable String directoryName,
      String modelPath,
      ModelDescription model,
      String text,
      int examples,
      Migration migration,
      boolean written) {}

  /// @throws Failure MANIFEST when there is no model, or several, or a manifest already
  public static Result create(Request request) throws IOException {
    Path directory = existing(request.directory());
    Path manifest = directory.resolve(ProjectReader.MANIFEST);
    if (Files.exists(manifest, LinkOption.NOFOLLOW_LINKS) && !request.force()) {
      throw Failure.of(ExitCode.MANIFEST, "`%s` is there already".formatted(manifest))
          .hint("mlo validate, or mlo init --force to replace it");
    }
    Carried carried = carried(directory, request.from());
    Path model = model(directory, request.from(), carried);
    ModelDescription description = ModelReader.read(entry(model));
    String directoryName = String.valueOf(directory.getFileName());
    @Nullable String given =
        request.name() != null ? request.name() : carried.text(Carried.NAME).orElse(null);
    String name = name(given, directoryName);
    List<ExamplePairs.Pair> examples = ExamplePairs.below(directory);
    String path = slashes(directory, model);
    Signature declared = declared(description, carried);
    boolean narrower = !declared.equals(description.signature());
    var content =
        new Template.Content(
            name,
            carried.text(Carried.VERSION).orElse(FIRST_VERSION),
            path,
            description,
            narrower ? declared.inputs() : List.of(),
            narrower ? declared.outputs() : List.of(),
            examples,
            directory,
            carried);
    String text = Template.fill(content);
    // Nothing is written that could not be read.
    if (ProjectReader.check(manifest, text) instanceof ProjectReader.Reading.Wrong wrong) {
      throw ProjectReader.failure(wrong);
    }
    if (!request.dryRun()) {
      Drop.file(
          directory.resolve(".mlo").resolve("schema.json"), Json.pretty(ManifestSchema.json()));
      Drop.file(manifest, text.getBytes(StandardCharsets.UTF_8));
    }
    boolean derived = given == null && !name.equals(directoryName);
    return new Result(
        manifest,
        name,
        derived ? directoryName : null,
        path,
        description,
        text,
        examples.size(),
        carried.migration(),
        !request.dryRun());
  }

  /// What another tool's file says, if that is what the project is made of.
  private static Carried carried(Path directory, @Nullable Path from) throws IOException {
    if (from == null) {
      return Carried.nothing();
    }
    Carried carried = ForeignFile.read(existing(directory, from)).orElseGet(Carried::nothing);
    carried.keepDataBelow(directory);
    return carried;
  }

  /// What the other tool says of inputs and outputs, where the model agrees.
  private static Signature declared(ModelDescription model, Carried carried) {
    Signature read = model.signature();
    if (carried.inputs().isEmpty() && carried.outputs().isEmpty()) {
      return read;
    }
    Optional<List<TensorSpec>> inputs = named(carried.inputs(), read.inputs());
    Optional<List<TensorSpec>> outputs = named(carried.outputs(), read.outputs());
    if (inputs.isEmpty() || outputs.isEmpty()) {
      carried.leave(
          "signature", "its tensors have no names, so which is which is read from the model");
      return read;
    }
    try {
      Signature declared = model.declared(inputs.get(), outputs.get());
      carried.take("signature");
      return declared;
    } catch (Failure e) {
      carried.leave("signature", "the model says otherwise: " + String.join("; ", e.why()));
      return read;
    }
  }

  /// Tensors with names; a single one without is the model's single one. Empty: nothing says which
  /// of the model's tensors is meant.
  private static Optional<List<TensorSpec>> named(
      List<Carried.Tensor> tensors, List<TensorSpec> read) {
    boolean onlyOne = tensors.size() == 1 && read.size() == 1;
    var specs = new ArrayList<TensorSpec>();
    for (Carried.Tensor tensor : tensors) {
      if (tensor.name().isEmpty() && !onlyOne) {
        return Optional.empty();
      }
      String name = tensor.name().isEmpty() ? read.getFirst().name() : tensor.name();
      specs.add(new TensorSpec(name, tensor.datatype(), tensor.shape()));
    }
    return Optional.of(specs);
  }

  static Path existing(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no directory `%s`".formatted(directory));
    }
    return directory.toRealPath();
  }

  /// Where the model is; inside the directory.
  private static Path model(Path directory, @Nullable Path from, Carried carried)
      throws IOException {
    boolean foreign = carried.migration().happened();
    @Nullable Path named =
        foreign ? carried.model().orElse(null) : from == null ? null : existing(directory, from);
    // The project's own directory says that the model is somewhere in it.
    if (named != null && !Files.isSameFile(named, directory)) {
      return below(directory, named);
    }
    List<Path> found = ModelReader.candidates(directory);
    if (found.isEmpty() && foreign) {
      throw carried.noModel(directory);
    }
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "there is no model in `%s`".formatted(directory))
          .why("no file there or below ends with .onnx or .pmml")
          .hint("export the model to ONNX or PMML into the directory, then: mlo init");
    }
    if (found.size() > 1) {
      List<String> names = found.stream().map(p -> slashes(directory, p)).toList();
      throw Failure.of(
              ExitCode.MANIFEST, "there are %d models in `%s`".formatted(found.size(), directory))
          .why(names)
          .hint("mlo init --from " + names.getFirst());
    }
    return found.getFirst();
  }

  /// What is given by name: relative to where the person is, else to the project.
  private static Path existing(Path directory, Path from) {
    Path path = Files.exists(from) ? from : directory.resolve(from);
    if (!Files.exists(path)) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no model `%s`".formatted(from));
    }
    return path;
  }

  private static Path below(Path directory, Path model) throws IOException {
    Path real = model.toRealPath();
    if (!real.startsWith(directory)) {
      throw Failure.of(
              ExitCode.MANIFEST, "the model `%s` is not below `%s`".formatted(model, directory))
          .hint("cp -r %s %s/".formatted(model, directory));
    }
    return real;
  }

  private static Path entry(Path model) {
    return ModelReader.findEntry(model)
        .orElseThrow(
            () -> Failure.of(ExitCode.MANIFEST, "there is no model in `%s`".formatted(model)));
  }

  static String name(@Nullable String wanted, String directoryName) {
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

  static String slashes(Path directory, Path path) {
    var parts = new ArrayList<String>();
    directory.relativize(path).forEach(part -> parts.add(part.toString()));
    return String.join("/", parts);
  }
}
