package dev.mlo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelDescriptionTest {
  private static final TensorSpec X = new TensorSpec("x", DataType.FP32, Shape.of(-1, 4));
  private static final TensorSpec Y = new TensorSpec("y", DataType.INT64, Shape.of(-1));

  private static ModelDescription description(Set<String> unranked) {
    return new ModelDescription(
        "onnx",
        "onnx_onnxv1",
        new Signature(List.of(X), List.of(Y)),
        List.of(),
        Map.of(),
        unranked,
        List.of());
  }

  @Test
  void withoutDeclarationsTheFileIsRight() {
    assertThat(description(Set.of()).declared(List.of(), List.of()))
        .isEqualTo(new Signature(List.of(X), List.of(Y)));
  }

  @Test
  void aDeclarationMayBeNarrower() {
    var narrow = new TensorSpec("x", DataType.FP32, Shape.of(1, 4));

    assertThat(description(Set.of()).declared(List.of(narrow), List.of()).inputs())
        .containsExactly(narrow);
  }

  @Test
  void aDeclarationSaysTheRankThatTheFileDoesNotSay() {
    var ranked = new TensorSpec("y", DataType.INT64, Shape.of(2, 2, 2));

    assertThat(description(Set.of("y")).declared(List.of(), List.of(ranked)).outputs())
        .containsExactly(ranked);
  }

  @Test
  void everyDifferenceIsNamed() {
    var other = new TensorSpec("x", DataType.FP64, Shape.of(-1, 5));
    var unknown = new TensorSpec("z", DataType.FP32, Shape.of());

    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> description(Set.of()).declared(List.of(other), List.of(unknown)));

    assertThat(failure.what()).isEqualTo("the manifest declares another model than the file holds");
    assertThat(failure.why())
        .containsExactly(
            "input `x` is declared as FP64[-1,5] and the file has FP32[-1,4]",
            "output `y INT64[-1]` is not declared",
            "the file has no output `z`");
  }
}
