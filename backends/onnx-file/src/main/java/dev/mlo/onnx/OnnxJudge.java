package dev.mlo.onnx;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Printable;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.onnx.OnnxModel.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides whether the engine can serve what was read, and as what.
///
/// An output of type `seq(map(int64 or string,float))`, which classic classifiers end with, is
/// served as the FP32 tensor `[-1,classes]`, one column a label in ascending order.
final class OnnxJudge {
  private static final int MAX_SHOWN = 10;
  private static final int INT64 = 7;
  private static final int STRING = 8;
  private static final int FLOAT = 1;

  /// As the engine orders text.
  private static final Comparator<String> BY_BYTES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private final OnnxModel model;
  private final List<String> objections = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Set<String> unranked = new TreeSet<>();

  OnnxJudge(OnnxModel model) {
    this.model = model;
  }

  /// Why the model cannot be served; empty when it can.
  List<String> objections() {
    return List.copyOf(objections);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /// Inputs and outputs of which the file does not say how many dimensions they have.
  Set<String> unranked() {
    return Set.copyOf(unranked);
  }

  /// What keeps values from its nodes that would end the process.
  Patch safeguards() {
    return new Patch(
        model.safeguards.stream()
            .flatMap(safeguard ->
                safeguard.edits(model.mainOperatorSet(safeguard.inFunction())).stream())
            .toList());
  }

  /// The signature, as far as there is no objection.
  Signature judge() {
    versions();
    objections.addAll(new OperatorJudge(model).objections());
    var inputs = new ArrayList<TensorSpec>();
    for (Value input : model.inputs) {
      if (!model.initializers.contains(input.name())) {
        add(inputs, spec("input", input, input.type()));
      }
    }
    var outputs = new ArrayList<TensorSpec>();
    for (Value output : model.outputs) {
      add(outputs, output(output));
    }
    if (model.outputs.isEmpty()) {
      objections.add("the model has no outputs");
    }
    repeated("input", inputs);
    repeated("output", outputs);
    objections.addAll(faults());
    return new Signature(inputs, outputs);
  }

  /// What is wrong with its weights, and how its graphs do not hang together.
  private List<String> faults() {
    var faults = new ArrayList<>(model.faults);
    model.functionFaults.forEach((function, its) -> {
      if (model.operators.containsKey(function)) {
        its.forEach(fault -> faults.add("in its function `%s`: %s".formatted(function, fault)));
      }
    });
    var shown = new ArrayList<>(faults.stream().limit(MAX_SHOWN).toList());
    if (faults.size() > MAX_SHOWN) {
      shown.add("and %d more of that kind".formatted(faults.size() - MAX_SHOWN));
    }
    return shown;
  }

  private static void add(List<TensorSpec> specs, @Nullable TensorSpec spec) {
    if (spec != null) {
      specs.add(spec);
    }
  }

  private void versions() {
    if (model.irVersion < 1 || model.irVersion > OnnxSupport.MAX_IR_VERSION) {
      objections.add(
          "the file has ONNX's format version %d; the engine reads 1 to %d"
              .formatted(model.irVersion, OnnxSupport.MAX_IR_VERSION));
    }
    if (model.operatorSets().isEmpty()) {
      objections.add("the model names no operator set");
    }
    model
        .operatorSets()
        .forEach((domain, version) -> {
          Long newest = OnnxSupport.OPERATOR_SETS.get(domain);
          if (newest != null && !OnnxSupport.has(domain, version)) {
            objections.add(
                "the model asks for operator set %d of `%s`; the engine has 1 to %d"
                    .formatted(version, Printable.of(domain), newest));
          }
        });
    Long main = model.operatorSets().get(OnnxSupport.MAIN);
    if (main != null && main >= 1 && main < OnnxSupport.GUARANTEED_OPERATOR_SET) {
      notes.add(
          "operator set %d is older than the engine promises to support (%d); test it well"
              .formatted(main, OnnxSupport.GUARANTEED_OPERATOR_SET));
    }
  }

  private @Nullable TensorSpec output(Value output) {
    if (output.type() instanceof OnnxType.Sequence(OnnxType.Mapping(int key, OnnxType value))
        && (key == INT64 || key == STRING)
        && value instanceof OnnxType.Tensor(int element, Shape _)
        && element == FLOAT) {
      return labelled(output, key == INT64);
    }
    return spec("output", output, output.type());
  }

  private @Nullable TensorSpec labelled(Value output, boolean numbers) {
    List<String> labels =
        model.zipMapLabels.getOrDefault(output.name(), List.of()).stream()
            .distinct()
            .sorted(numbers ? Comparator.comparingLong(Long::parseLong) : BY_BYTES)
            .toList();
    notes.add(
        "output `%s` is a list of maps; it is served as a tensor with a column for each label in"
                .formatted(Printable.of(output.name()))
            + " ascending order"
            + (labels.isEmpty() ? "" : ": " + shown(labels)));
    long columns = labels.isEmpty() ? -1 : labels.size();
    return named("output", output, DataType.FP32, Shape.of(-1, columns));
  }

  private static String shown(List<String> labels) {
    return String.join(", ", labels.stream().limit(MAX_SHOWN).map(Printable::of).toList())
        + (labels.size() > MAX_SHOWN ? ", …" : "");
  }

  private @Nullable TensorSpec spec(String kind, Value value, OnnxType type) {
    if (type.equals(OnnxType.NONE)) {
      objections.add(
          "the file does not say of what type its %s `%s` is"
              .formatted(kind, Printable.of(value.name())));
      return null;
    }
    if (!(type instanceof OnnxType.Tensor(int element, Shape shape))) {
      objections.add(
          "%s `%s` is %s; only tensors can be served"
              .formatted(kind, Printable.of(value.name()), type));
      return null;
    }
    DataType datatype = OnnxSupport.datatype(element);
    if (datatype == null) {
      objections.add(
          "%s `%s` has elements of type %s, which the inference protocol does not have"
              .formatted(kind, Printable.of(value.name()), OnnxType.elementName(element)));
      return null;
    }
    if (shape != null) {
      return named(kind, value, datatype, shape);
    }
    unranked.add(value.name());
    notes.add(
        "%s `%s` does not say how many dimensions it has; [-1] is assumed"
            .formatted(kind, value.name()));
    return named(kind, value, datatype, Shape.of(-1));
  }

  private @Nullable TensorSpec named(String kind, Value value, DataType datatype, Shape shape) {
    if (value.name().isEmpty() || !Printable.is(value.name())) {
      objections.add(
          "an %s has no name that could be written in a request: `%s`"
              .formatted(kind, Printable.of(value.name())));
      return null;
    }
    // On its way through Java's native interface such a name becomes another.
    if (value.name().codePoints().anyMatch(Character::isSupplementaryCodePoint)) {
      objections.add(
          "%s `%s` has a character beyond U+FFFF in its name, by which the engine does not find it"
              .formatted(kind, value.name()));
      return null;
    }
    if (isTooLarge(datatype, shape)) {
      objections.add(
          "%s `%s` of shape %s takes more than 2 GiB, which no request or answer can have"
              .formatted(kind, value.name(), shape));
      return null;
    }
    return new TensorSpec(value.name(), datatype, shape);
  }

  /// However short its open dimensions are.
  private static boolean isTooLarge(DataType datatype, Shape shape) {
    if (shape.dimensions().contains(0L)) {
      return false;
    }
    long bytes = Math.max(datatype.width(), 1);
    for (long length : shape.dimensions()) {
      if (length > Integer.MAX_VALUE / bytes) {
        return true;
      }
      bytes *= Math.max(length, 1);
    }
    return false;
  }

  private void repeated(String kind, List<TensorSpec> specs) {
    var seen = new HashSet<String>();
    for (TensorSpec spec : specs) {
      if (!seen.add(spec.name())) {
        objections.add("there are two %ss `%s`".formatted(kind, spec.name()));
      }
    }
  }
}
