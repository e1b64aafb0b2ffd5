package dev.mlo.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a `NodeProto`: what it computes, from what and to what, and of its attributes the graphs
/// and tensors and the labels of a `ZipMap`.
final class NodeFields {
  private final WireReader in;
  private final OnnxFormat format;
  private String type = "";
  private String domain = "";
  private String overload = "";
  private String name = "";
  private @Nullable String firstOutput;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();

  private NodeFields(WireReader in, OnnxFormat format) {
    this.in = in;
    this.format = format;
  }

  /// Reads the current field.
  static NodeFields read(WireReader in, OnnxFormat format) throws IOException {
    var node = new NodeFields(in, format);
    in.message(node::field);
    return node;
  }

  OnnxModel.Operator operator() {
    return new OnnxModel.Operator(OnnxSupport.canonicalDomain(domain), type, overload);
  }

  String name() {
    return name;
  }

  /// Without those that are left out.
  List<String> inputs() {
    return List.copyOf(inputs);
  }

  /// Without those that nobody asked for.
  List<String> outputs() {
    return List.copyOf(outputs);
  }

  /// What some values of its inputs would do; `null`: nothing is known.
  @Nullable Hazard hazard() {
    if (inputs.size() != 2 || !operator().domain().equals(OnnxSupport.MAIN)) {
      return null;
    }
    return switch (type) {
      case "Div", "Mod" -> new Hazard.Division(inputs.getFirst(), inputs.getLast());
      case "Trilu" -> new Hazard.Diagonal(inputs.getLast());
      default -> null;
    };
  }

  /// The output that holds labelled numbers; `null`: none does.
  @Nullable String labelledOutput() {
    return type.equals("ZipMap") && domain.equals("ai.onnx.ml") ? firstOutput : null;
  }

  /// As they are written.
  List<String> labels() {
    return List.copyOf(labels);
  }

  private void field(int field) throws IOException {
    switch (field) {
      case 1 -> value(inputs, in.text());
      case 2 -> {
        String output = in.text();
        value(outputs, output);
        if (firstOutput == null) {
          firstOutput = output;
        }
      }
      case 3 -> name = in.text();
      case 4 -> type = in.text();
      case 5 -> attribute();
      case 7 -> domain = in.text();
      case 8 -> overload = in.text();
      default -> {}
    }
  }

  private void value(List<String> into, String value) throws IOException {
    if (!value.isEmpty()) {
      format.keepValue();
      into.add(value);
    }
  }

  private void attribute() throws IOException {
    var attribute = new Attribute();
    in.message(attribute::field);
    if (attribute.isLabels()) {
      format.keep(labels.size() + attribute.values.size());
      labels.addAll(attribute.values);
    }
  }

  /// Writers put an attribute's name first; values without a name before them are passed over.
  private final class Attribute {
    private String name = "";
    private final List<String> values = new ArrayList<>();
    private final Once once = format.once();

    boolean isLabels() {
      return name.equals("classlabels_int64s") || name.equals("classlabels_strings");
    }

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> name = in.text();
        case 8 -> {
          if (name.equals("classlabels_int64s")) {
            var numbers = new ArrayList<Long>();
            in.numbers(numbers, OnnxFormat.MAX_KEPT);
            format.keep(values.size() + numbers.size());
            numbers.forEach(number -> values.add(Long.toString(number)));
          }
        }
        case 9 -> {
          if (name.equals("classlabels_strings")) {
            format.keep(values.size());
            values.add(in.text());
          }
        }
        default -> format.attributeField(field, once);
      }
    }
  }
}
