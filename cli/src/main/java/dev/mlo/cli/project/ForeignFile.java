package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Yaml.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A file in which another tool describes a model: found by its name, else by what it holds.
final class ForeignFile {
  private static final int MAX_SHOWN = 20;

  private static final List<Kind> KINDS =
      List.of(
          new Kind("MLflow", List.of("MLmodel"), List.of("flavors"), MlflowModel::read),
          new Kind(
              "KitOps",
              List.of("Kitfile", "kitfile", ".kitfile"),
              List.of("manifestVersion"),
              Kitfile::read),
          new Kind(
              "Cog", List.of("cog.yaml", "cog.yml"), List.of("build", "predict"), CogFile::read));

  private ForeignFile() {}

  /// @param names of its file
  /// @param keys that a file of another name has when it is one
  private record Kind(
      String tool, List<String> names, List<String> keys, BiConsumer<Mapping, Carried> reader) {
    Carried carry(Path file, Mapping root) {
      var carried = new Carried(tool, file);
      reader.accept(root, carried);
      return carried;
    }
  }

  /// @param from an existing file or directory
  /// @return empty: it is no other tool's file, perhaps a model itself
  /// @throws Failure MANIFEST when the file cannot be followed, or is of a kind not supported yet
  static Optional<Carried> read(Path from) throws IOException {
    return Files.isDirectory(from) ? inDirectory(from) : file(from);
  }

  private static Optional<Carried> inDirectory(Path directory) throws IOException {
    for (Kind kind : KINDS) {
      for (String name : kind.names()) {
        Path file = directory.resolve(name);
        if (Files.isRegularFile(file)) {
          return Optional.of(kind.carry(file.toRealPath(), parse(file)));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Carried> file(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    for (Kind kind : KINDS) {
      if (kind.names().contains(name)) {
        return Optional.of(kind.carry(file.toRealPath(), parse(file)));
      }
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.endsWith(".yaml") && !lower.endsWith(".yml")) {
      return Optional.empty();
    }
    Mapping root = parse(file);
    for (Kind kind : KINDS) {
      if (kind.keys().stream().allMatch(key -> root.get(key).isPresent())) {
        return Optional.of(kind.carry(file.toRealPath(), root));
      }
    }
    throw Failure.of(
            ExitCode.MANIFEST, "`%s` is neither a model nor a file that mlo knows".formatted(file))
        .why("mlo init --from takes an ONNX or PMML model, an MLmodel, a Kitfile or a cog.yaml");
  }

  private static Mapping parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw refuse(file, List.of("it is a pipe, a socket or a device"));
    }
    var violations = new Violations(String.valueOf(file.getFileName()));
    @Nullable String text = ProjectReader.text(file, violations);
    if (text != null && text.isBlank()) {
      throw refuse(file, List.of("it is empty"));
    }
    @Nullable Yaml document = text == null ? null : YamlReader.read(text, violations);
    if (!violations.isEmpty()) {
      List<Violation> all = violations.sorted();
      throw refuse(file, all.stream().limit(MAX_SHOWN).map(Violation::toString).toList());
    }
    if (document instanceof Mapping root) {
      return root;
    }
    throw refuse(file, List.of("it holds no keys and values"));
  }

  private static Failure refuse(Path file, List<String> why) {
    return Failure.of(ExitCode.MANIFEST, "`%s` cannot be read".formatted(file)).why(why);
  }
}
