package dev.mlo.backend.onnx;

import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// A real model with reference answers. They lie beside the project; the variable MLO_MODELS names
/// another place.
///
/// @param directory where `model.onnx` is, and each `test_data_set_…` beside it
public record ReferenceModels(String name, Path directory) {
  /// Inputs and what they give.
  public record Set(List<Tensor> inputs, List<Tensor> outputs) {}

  /// Where the models are, or would be.
  public static Path root() {
    String named = System.getenv("MLO_MODELS");
    if (named != null) {
      return Path.of(named);
    }
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.isDirectory(here.resolve("shared/models"))) {
      here = here.getParent();
    }
    return here == null ? Path.of("no-models") : here.resolve("shared/models");
  }

  /// All of them, by name.
  public static List<ReferenceModels> all() throws IOException {
    Path root = root();
    try (Stream<Path> files = Files.walk(root, 4)) {
      return files
          .filter(file -> file.getFileName().toString().equals("model.onnx"))
          .sorted()
          .map(file -> Objects.requireNonNull(file.getParent()))
          .map(directory -> new ReferenceModels(root.relativize(directory).toString(), directory))
          .toList();
    }
  }

  public List<Set> sets(Signature signature) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      var sets = new ArrayList<Set>();
      for (Path set :
          files
              .filter(file -> file.getFileName().toString().startsWith("test_data_set"))
              .sorted()
              .toList()) {
        sets.add(
            new Set(
                tensors(set, "input_", signature.inputs()),
                tensors(set, "output_", signature.outputs())));
      }
      return sets;
    }
  }

  private static List<Tensor> tensors(Path set, String prefix, List<TensorSpec> specs)
      throws IOException {
    var tensors = new ArrayList<Tensor>();
    for (int i = 0; i < specs.size(); i++) {
      Path file = set.resolve(prefix + i + ".pb");
      if (Files.exists(file)) {
        tensors.add(TensorProto.read(Files.readAllBytes(file), specs.get(i).name()));
      }
    }
    return tensors;
  }
}
