package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import dev.mlo.onnx.OnnxDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Real models with reference answers, which lie beside the project; the variable MLO_MODELS names
/// another place. Skipped where there are none.
class ReferenceModelsTest {
  private static final double TOLERANCE = 1e-5;

  @TestFactory
  Stream<DynamicTest> everyModelAnswersAsTheReference() throws IOException {
    Path root = ReferenceModels.root();
    assumeTrue(Files.isDirectory(root), "no reference models at " + root + "; set MLO_MODELS");
    List<ReferenceModels> found = ReferenceModels.all();
    assertThat(found).isNotEmpty();
    return found.stream()
        .map(model -> DynamicTest.dynamicTest(model.name(), () -> answersAsTheReference(model)));
  }

  private static void answersAsTheReference(ReferenceModels model) throws Exception {
    Path directory = model.directory();
    if (takesSequences(directory)) {
      assertThatThrownBy(() -> new OnnxBackend().open(directory, "model.onnx", 1))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("only tensors can be served");
      return;
    }
    try (Session session = new OnnxBackend().open(directory, "model.onnx", 1)) {
      agrees(OnnxDescription.read(directory.resolve("model.onnx")), session.signature());
      var sets = model.sets(session.signature());
      assertThat(sets).isNotEmpty();
      for (ReferenceModels.Set set : sets) {
        List<Tensor> actual = session.infer(set.inputs(), List.of());

        assertThat(Golden.differences(set.outputs(), actual, TOLERANCE)).isEmpty();
        for (Tensor output : actual) {
          TensorSpec declared = session.signature().output(output.name()).orElseThrow();
          assertThat(output.datatype()).isEqualTo(declared.datatype());
          assertThat(output.shape().fits(declared.shape()))
              .as("%s is declared as %s", output.spec(), declared)
              .isTrue();
        }
      }
    }
  }

  /// What the command writes into the card, before any engine saw the model, is what the engine
  /// says.
  private static void agrees(OnnxDescription file, Signature engine) {
    assertThat(file.objections()).isEmpty();
    assertThat(file.weightFaults()).isEmpty();
    assertThat(file.signature()).isEqualTo(engine);
  }

  /// A sequence has no tensor form.
  private static boolean takesSequences(Path directory) {
    return directory.getFileName().toString().startsWith("test_sequence_map_identity");
  }
}
