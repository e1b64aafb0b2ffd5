package dev.mlo.onnx;

import dev.mlo.onnx.OnnxModel.Operator;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Reads the messages of onnx.proto; the numbers are its field numbers
/// (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>). Weights are passed over.
final class OnnxFormat {
  /// More than any model has; a bound on what a hostile file can make us keep.
  static final int MAX_KEPT = 1_000_000;

  private static final int MAX_FUNCTIONS = 100_000;
  private static final int MAX_FAULTS = 100;

  private final WireReader in;
  private final OnnxModel model = new OnnxModel();

  /// Where the nodes that are read now are counted; `null`: nowhere, for they are never run.
  private @Nullable Map<Operator, Integer> calls = model.calls;

  private boolean inFunction;

  /// The graph or function that is being read.
  private Scope scope = new Scope();

  private int values;

  private OnnxFormat(WireReader in) {
    this.in = in;
  }

  /// @throws ModelFormatException when the bytes are not an ONNX model from the first to the last
  static OnnxModel read(SeekableByteChannel channel) throws IOException {
    var format = new OnnxFormat(new WireReader(channel));
    format.in.fields(format::modelField);
    for (String fault : format.scope.faultsInAnyOrder()) {
      format.fault(fault);
    }
    return format.model;
  }

  /// Something that is wrong with the model; the first hundred tell enough.
  private void fault(String fault) {
    if (model.faults.size() < MAX_FAULTS) {
      model.faults.add(fault);
    }
  }

  private void modelField(int field) throws IOException {
    switch (field) {
      case 1 -> model.irVersion = in.number();
      case 7 -> {
        model.hasGraph = true;
        in.message(this::mainGraphField);
      }
      case 8 -> operatorSet(model.ownOperatorSets);
      case 20 -> {
        calls = null;
        Scope main = scope;
        scope = new Scope();
        in.message(this::trainingField);
        scope = main;
        calls = model.calls;
      }
      case 25 -> new Function().read();
      default -> {}
    }
  }

  private void operatorSet(Map<String, Long> sets) throws IOException {
    var domain = new AtomicReference<>("");
    var version = new AtomicLong();
    in.message(field -> {
      switch (field) {
        case 1 -> domain.set(in.text());
        case 2 -> version.set(in.number());
        default -> {}
      }
    });
    keep(sets.size());
    sets.merge(OnnxSupport.canonicalDomain(domain.get()), version.get(), Math::max);
  }

  private void trainingField(int field) throws IOException {
    if (field == 1 || field == 2) {
      in.message(this::graphField);
    }
  }

  private void mainGraphField(int field) throws IOException {
    switch (field) {
      case 1 -> {
        NodeFields node = node();
        String output = node.labelledOutput();
        if (output != null) {
          keep(model.zipMapLabels.size());
          model.zipMapLabels.put(output, node.labels());
        }
      }
      case 5 -> initializer();
      case 11 -> {
        keep(model.inputs.size());
        OnnxModel.Value input = TypeFields.value(in);
        model.inputs.add(input);
        scope.given(input);
      }
      case 12 -> {
        keep(model.outputs.size());
        OnnxModel.Value output = TypeFields.value(in);
        model.outputs.add(output);
        scope.result(output);
      }
      case 15 -> {
        Once once = once();
        in.message(inner -> {
          if (inner == 1) {
            once.require(inner);
            initializer();
          } else {
            sparseField(inner, once);
          }
        });
      }
      default -> graphField(field);
    }
  }

  /// The parts that a graph inside a node has in common with the main one.
  private void graphField(int field) throws IOException {
    switch (field) {
      case 1 -> node();
      case 5 -> weight();
      case 11 -> scope.given(value());
      case 12 -> scope.result(value());
      case 13 -> scope.known(value());
      case 15 -> sparse();
      default -> {}
    }
  }

  private OnnxModel.Value value() throws IOException {
    keepValue();
    return TypeFields.value(in);
  }

  private TensorFields weight() throws IOException {
    TensorFields weight = tensor();
    scope.given(weight.name(), weight.elements());
    return weight;
  }

  private NodeFields node() throws IOException {
    NodeFields node = NodeFields.read(in, this);
    keepValue();
    scope.node(node);
    if (calls != null && !node.around().isEmpty()) {
      model.safeguards.add(new Safeguard(node, scope, inFunction));
    }
    Map<Operator, Integer> into = calls;
    if (into != null) {
      Operator operator = node.operator();
      keep(model.operators.size());
      keep(into.size());
      into.merge(operator, 1, Integer::sum);
      var use = new OnnxModel.Use(node.name(), inFunction);
      model.operators.merge(operator, use, OnnxModel.Use::and);
    }
    return node;
  }

  /// An attribute's field that may hold tensors.
  void attributeField(int field, Once once) throws IOException {
    switch (field) {
      case 5 -> {
        once.require(field);
        tensor();
      }
      case 6, 11 -> innerGraph();
      case 10 -> tensor();
      case 22 -> {
        once.require(field);
        sparse();
      }
      case 23 -> sparse();
      default -> {}
    }
  }

  private void innerGraph() throws IOException {
    Scope outer = scope;
    scope = new Scope(outer);
    in.message(this::graphField);
    var outside = new LinkedHashSet<String>();
    for (String fault : scope.faultsInOrder(outside)) {
      fault("in a graph inside a node: " + fault);
    }
    outer.captured(outside);
    scope = outer;
  }

  private void sparse() throws IOException {
    Once once = once();
    in.message(field -> sparseField(field, once));
  }

  /// The values of a sparse tensor bear its name, and their indices none.
  private void sparseField(int field, Once once) throws IOException {
    if (field == 1 || field == 2) {
      once.require(field);
      scope.given(tensor().name(), Elements.NOTHING);
    }
  }

  private void initializer() throws IOException {
    keep(model.initializers.size());
    model.initializers.add(weight().name());
  }

  TensorFields tensor() throws IOException {
    TensorFields tensor = TensorFields.read(in);
    String fault = calls != null && model.faults.size() < MAX_FAULTS ? tensor.fault() : null;
    if (fault != null) {
      fault(fault);
    }
    OnnxModel.External external = tensor.external();
    if (external != null) {
      keep(model.externals.size());
      model.externals.add(external);
    }
    return tensor;
  }

  void keep(int already) throws ModelFormatException {
    if (already >= MAX_KEPT) {
      throw in.malformed("the model names more than a million things of one kind");
    }
  }

  /// Another node, or input or output of one; a million are more than any model has.
  void keepValue() throws ModelFormatException {
    keep(values++);
  }

  Once once() {
    return new Once(in);
  }

  private final class Function {
    private String name = "";
    private String domain = "";
    private String overload = "";
    private final Map<Operator, Integer> own = new LinkedHashMap<>();

    void read() throws IOException {
      Scope main = scope;
      scope = new Scope();
      calls = own;
      inFunction = true;
      in.message(this::field);
      inFunction = false;
      calls = model.calls;
      if (model.functions.size() >= MAX_FUNCTIONS) {
        throw in.malformed("the model has more than a hundred thousand functions");
      }
      var operator = new Operator(OnnxSupport.canonicalDomain(domain), name, overload);
      model.functions.put(operator, own);
      List<String> faults = scope.faultsOfFunction();
      model.functionFaults.remove(operator);
      if (!faults.isEmpty()) {
        model.functionFaults.put(operator, faults);
      }
      scope = main;
    }

    private void field(int field) throws IOException {
      switch (field) {
        case 1 -> name = in.text();
        case 4, 5 -> {
          keepValue();
          String value = in.text();
          if (field == 4) {
            scope.given(value, Elements.NOTHING);
          } else {
            scope.result(value);
          }
        }
        case 7 -> node();
        case 9 -> operatorSet(model.functionOperatorSets);
        case 10 -> domain = in.text();
        case 11 -> {
          Once once = once();
          Scope function = scope;
          scope = new Scope();
          in.message(inner -> attributeField(inner, once));
          scope = function;
        }
        case 13 -> overload = in.text();
        default -> {}
      }
    }
  }
}
