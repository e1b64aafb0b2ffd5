package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Real models with reference answers, which lie beside the project; the variable MLO_MODELS names
/// another place. Skipped where there are none.
class ReferenceModelsTest {
  private static final double TOLERANCE = 1e-5;

  private static Path models() {
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

  @TestFactory
  Stream<DynamicTest> everyModelAnswersAsTheReference() throws IOException {
    Path root = models();
    assumeTrue(Files.isDirectory(root), "no reference models at " + root + "; set MLO_MODELS");
    try (Stream<Path> files = Files.walk(root, 4)) {
      List<Path> found =
          files
              .filter(file -> file.getFileName().toString().equals("model.onnx"))
              .sorted()
              .toList();
      assertThat(found).isNotEmpty();
      return found.stream()
          .map(model ->
              DynamicTest.dynamicTest(
                  root.relativize(model).toString(), () -> answersAsTheReference(model)));
    }
  }

  private static void answersAsTheReference(Path model) throws Exception {
    Path directory = Objects.requireNonNull(model.getParent());
    if (takesSequences(directory)) {
      assertThatThrownBy(() -> new OnnxBackend().open(directory, "model.onnx", 1))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("only tensors can be served");
      return;
    }
    try (Session session = new OnnxBackend().open(directory, model.getFileName().toString(), 1)) {
      List<Path> sets = sets(directory);
      assertThat(sets).isNotEmpty();
      for (Path set : sets) {
        List<Tensor> inputs = tensors(set, "input_", session.signature().inputs());
        List<Tensor> expected = tensors(set, "output_", session.signature().outputs());

        List<Tensor> actual = session.infer(inputs, List.of());

        assertThat(Golden.differences(expected, actual, TOLERANCE)).isEmpty();
      }
    }
  }

  /// A sequence has no tensor form.
  private static boolean takesSequences(Path directory) {
    return directory.getFileName().toString().startsWith("test_sequence_map_identity");
  }

  private static List<Path> sets(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("test_data_set"))
          .sorted()
          .toList();
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
