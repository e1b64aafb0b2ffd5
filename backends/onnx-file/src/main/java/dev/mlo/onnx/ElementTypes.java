package dev.mlo.onnx;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Of which type a node's result is, by the definitions of ONNX's operators
/// (<https://onnx.ai/onnx/operators/>); of those that are not here it is not known.
final class ElementTypes {
  /// They take nothing but floating-point numbers, or give nothing else.
  private static final Set<String> FLOATING =
      Set.of(
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "AveragePool",
          "BatchNormalization",
          "Ceil",
          "Celu",
          "Conv",
          "ConvTranspose",
          "Cos",
          "Cosh",
          "DequantizeLinear",
          "Dropout",
          "Elu",
          "Erf",
          "Exp",
          "Floor",
          "GRU",
          "Gelu",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "GroupNormalization",
          "HardSigmoid",
          "HardSwish",
          "InstanceNormalization",
          "LRN",
          "LSTM",
          "LayerNormalization",
          "LeakyRelu",
          "Log",
          "LogSoftmax",
          "LpNormalization",
          "Mean",
          "MeanVarianceNormalization",
          "Mish",
          "RMSNormalization",
          "RNN",
          "Reciprocal",
          "Round",
          "Selu",
          "Sigmoid",
          "Sin",
          "Sinh",
          "Softmax",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Tan",
          "Tanh",
          "ThresholdedRelu");

  private static final Set<String> INDICES = Set.of("ArgMax", "ArgMin", "NonZero", "Shape", "Size");

  private static final Set<String> TRUTHS =
      Set.of(
          "And",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "IsInf",
          "IsNaN",
          "Less",
          "LessOrEqual",
          "Not",
          "Or",
          "Xor");

  /// All that they take and give is of one type.
  private static final Set<String> UNIFORM =
      Set.of("Add", "Concat", "Div", "Gemm", "MatMul", "Max", "Min", "Mod", "Mul", "Sub", "Sum");

  /// What they give is of the type of their first input.
  private static final Set<String> LIKE_FIRST =
      Set.of(
          "Abs",
          "Clip",
          "Compress",
          "CumSum",
          "DepthToSpace",
          "Einsum",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "Neg",
          "Pad",
          "Pow",
          "Range",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare",
          "Relu",
          "Reshape",
          "Resize",
          "ReverseSequence",
          "ScatterElements",
          "ScatterND",
          "Sign",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Trilu",
          "Unsqueeze",
          "Upsample");

  private ElementTypes() {}

  /// @param output which of its results
  /// @param known what is known of a value
  static Elements made(NodeFields node, int output, Function<String, Elements> known) {
    String operator = node.operator().type();
    List<String> inputs = node.inputs();
    if (!node.operator().domain().equals(OnnxSupport.MAIN)) {
      return Elements.NOTHING;
    }
    if (node.stated().type() != Elements.UNKNOWN) {
      return Elements.of(node.stated().type());
    }
    if (FLOATING.contains(operator)) {
      return Elements.of(Elements.FLOAT);
    }
    if (INDICES.contains(operator)) {
      return Elements.of(Elements.INT64);
    }
    if (TRUTHS.contains(operator)) {
      return Elements.of(Elements.BOOL);
    }
    if (inputs.isEmpty()) {
      return Elements.NOTHING;
    }
    if (UNIFORM.contains(operator)) {
      return inputs.stream()
          .map(input -> known.apply(input).type())
          .filter(type -> type != Elements.UNKNOWN)
          .findFirst()
          .map(Elements::of)
          .orElse(Elements.NOTHING);
    }
    return switch (operator) {
      case "MaxPool", "TopK" ->
          output == 0 ? like(inputs.getFirst(), known) : Elements.of(Elements.INT64);
      case "CastLike", "Where" -> like(inputs.getLast(), known);
      default -> LIKE_FIRST.contains(operator) ? like(inputs.getFirst(), known) : Elements.NOTHING;
    };
  }

  private static Elements like(String value, Function<String, Elements> known) {
    return Elements.of(known.apply(value).type());
  }
}
