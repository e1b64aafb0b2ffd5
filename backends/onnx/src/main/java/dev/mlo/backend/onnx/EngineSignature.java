package dev.mlo.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import dev.mlo.backend.ModelException;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.onnx.OnnxDescription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What the engine takes and gives, once it has opened a model.
final class EngineSignature {
  private final OnnxDescription model;

  private EngineSignature(OnnxDescription model) {
    this.model = model;
  }

  /// @param model what the file says; the engine knows no labels
  /// @throws ModelException when there is something else than tensors
  static Signature of(OrtSession session, OnnxDescription model)
      throws OrtException, ModelException {
    var signature = new EngineSignature(model);
    return new Signature(
        signature.specs("input", session.getInputInfo().values()),
        signature.specs("output", session.getOutputInfo().values()));
  }

  private List<TensorSpec> specs(String kind, Collection<NodeInfo> nodes) throws ModelException {
    var specs = new ArrayList<TensorSpec>();
    for (NodeInfo node : nodes) {
      specs.add(spec(kind, node));
    }
    return specs;
  }

  private TensorSpec spec(String kind, NodeInfo node) throws ModelException {
    if (node.getInfo() instanceof TensorInfo tensor) {
      DataType type =
          ElementType.of(tensor.onnxType)
              .orElseThrow(() ->
                  new ModelException(
                      "%s `%s` has elements of type %s, which the inference protocol lacks"
                          .formatted(kind, node.getName(), ElementType.name(tensor.onnxType))));
      return new TensorSpec(node.getName(), type, shape(node.getName(), tensor));
    }
    if (kind.equals("output") && node.getInfo() instanceof SequenceInfo rows && isTable(rows)) {
      return file(node.getName())
          .orElse(new TensorSpec(node.getName(), DataType.FP32, Shape.of(-1, -1)));
    }
    throw new ModelException(
        "%s `%s` is %s; only tensors can be served"
            .formatted(kind, node.getName(), node.getInfo()));
  }

  private static boolean isTable(SequenceInfo rows) {
    return rows.isSequenceOfMaps()
        && rows.mapInfo.valueType == OnnxJavaType.FLOAT
        && (rows.mapInfo.keyType == OnnxJavaType.INT64
            || rows.mapInfo.keyType == OnnxJavaType.STRING);
  }

  /// What the engine found out; it cannot say that it does not know how many dimensions there are.
  private Shape shape(String name, TensorInfo tensor) {
    long[] lengths = tensor.getShape();
    if (lengths.length == 0 && model.unranked().contains(name)) {
      return file(name).map(TensorSpec::shape).orElse(Shape.of());
    }
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = Math.max(-1, lengths[i]);
    }
    return Shape.of(lengths);
  }

  private Optional<TensorSpec> file(String name) {
    return model.signature().output(name).or(() -> model.signature().input(name));
  }
}
