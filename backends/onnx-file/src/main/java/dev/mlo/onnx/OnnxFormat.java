package dev.mlo.onnx;

import dev.mlo.onnx.OnnxModel.Operator;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the messages of onnx.proto; the numbers are its field numbers
/// (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>). Weights are passed over.
final class OnnxFormat {
  /// More than any model has; a bound on what a hostile file can make us keep.
  static final int MAX_KEPT = 1_000_000;

  private final WireReader in;
  private final OnnxModel model = new OnnxModel();

  /// Where the nodes that are read now are counted; `null`: nowhere, for they are never run.
  private @Nullable Map<Operator, Integer> calls = model.calls;

  private boolean inFunction;

  private OnnxFormat(WireReader in) {
    this.in = in;
  }

  /// @throws ModelFormatException when the bytes are not an ONNX model from the first to the last
  static OnnxModel read(SeekableByteChannel channel) throws IOException {
    var format = new OnnxFormat(new WireReader(channel));
    format.in.fields(format::modelField);
    return format.model;
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
        in.message(this::trainingField);
        calls = model.calls;
      }
      case 25 -> new Function().read();
      default -> {}
    }
  }

  private void operatorSet(Map<String, Long> sets) throws IOException {
    var set = new OperatorSet();
    in.message(set::field);
    keep(sets.size());
    sets.merge(OnnxSupport.canonicalDomain(set.domain), set.version, Math::max);
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
        model.inputs.add(TypeFields.value(in));
      }
      case 12 -> {
        keep(model.outputs.size());
        model.outputs.add(TypeFields.value(in));
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
      case 5 -> tensor();
      case 15 -> sparse();
      default -> {}
    }
  }

  private NodeFields node() throws IOException {
    NodeFields node = NodeFields.read(in, this);
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
      case 6, 11 -> in.message(this::graphField);
      case 10 -> tensor();
      case 22 -> {
        once.require(field);
        sparse();
      }
      case 23 -> sparse();
      default -> {}
    }
  }

  private void sparse() throws IOException {
    Once once = once();
    in.message(field -> sparseField(field, once));
  }

  private void sparseField(int field, Once once) throws IOException {
    if (field == 1 || field == 2) {
      once.require(field);
      tensor();
    }
  }

  private void initializer() throws IOException {
    keep(model.initializers.size());
    model.initializers.add(tensor().name());
  }

  private TensorFields tensor() throws IOException {
    TensorFields tensor = TensorFields.read(in);
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

  Once once() {
    return new Once();
  }

  /// Fields that a message may have once. Protobuf would merge two of them into one that stands
  /// nowhere in the file, so that what is checked would not be what is loaded.
  final class Once {
    private final Set<Integer> seen = new HashSet<>();

    void require(int field) throws ModelFormatException {
      if (!seen.add(field)) {
        throw in.malformed("a message has its field %d twice".formatted(field));
      }
    }
  }

  private final class OperatorSet {
    private String domain = "";
    private long version;

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> domain = in.text();
        case 2 -> version = in.number();
        default -> {}
      }
    }
  }

  private final class Function {
    private String name = "";
    private String domain = "";
    private String overload = "";
    private final Map<Operator, Integer> own = new LinkedHashMap<>();

    void read() throws IOException {
      calls = own;
      inFunction = true;
      in.message(this::field);
      inFunction = false;
      calls = model.calls;
      keep(model.functions.size());
      model.functions.put(new Operator(OnnxSupport.canonicalDomain(domain), name, overload), own);
    }

    private void field(int field) throws IOException {
      switch (field) {
        case 1 -> name = in.text();
        case 7 -> node();
        case 9 -> operatorSet(model.functionOperatorSets);
        case 10 -> domain = in.text();
        case 11 -> {
          Once once = once();
          in.message(inner -> attributeField(inner, once));
        }
        case 13 -> overload = in.text();
        default -> {}
      }
    }
  }
}
