package dev.mlo.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a `NodeProto`: what it computes, from what and to what, and of its attributes the graphs
/// and tensors, the labels of a `ZipMap` and what says of which type its result is.
final class NodeFields {
  /// A field of the file, from its number to its end.
  record Place(int field, long start, long end) {}

  private static final Place NOWHERE = new Place(0, 0, 0);

  /// By operator: the attribute that says of which type the result is.
  private static final Map<String, String> STATES =
      Map.of("Cast", "to", "ConstantOfShape", "value");

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
  private Elements stated = Elements.NOTHING;

  /// Where its inputs stand in the file.
  private final List<Place> places = new ArrayList<>();

  private List<Patch.Message> around = List.of();
  private Place place = NOWHERE;

  private NodeFields(WireReader in, OnnxFormat format) {
    this.in = in;
    this.format = format;
  }

  /// Reads the current field.
  static NodeFields read(WireReader in, OnnxFormat format) throws IOException {
    var node = new NodeFields(in, format);
    int field = in.field();
    long start = in.fieldStart();
    in.message(node::field);
    node.place = new Place(field, start, in.position());
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

  /// What its attributes say of its result.
  Elements stated() {
    return stated;
  }

  Place place() {
    return place;
  }

  /// Where its inputs stand in the file, those that are left out as well.
  List<Place> places() {
    return List.copyOf(places);
  }

  /// The messages it is in and itself, the outermost first; only of an operator that [Safeguard]
  /// knows.
  List<Patch.Message> around() {
    return around;
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
      case 1 -> {
        value(inputs, in.text());
        places.add(new Place(1, in.fieldStart(), in.position()));
      }
      case 2 -> {
        String output = in.text();
        value(outputs, output);
        if (firstOutput == null) {
          firstOutput = output;
        }
      }
      case 3 -> name = in.text();
      case 4 -> {
        type = in.text();
        around = Safeguard.isFor(type) ? in.around() : List.of();
      }
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
    if (attribute.name.equals(STATES.get(type)) || type.equals("Constant")) {
      stated = attribute.elements();
    }
  }

  /// Writers put an attribute's name first; values without a name before them are passed over.
  private final class Attribute {
    private String name = "";
    private final List<String> values = new ArrayList<>();
    private final Once once = format.once();
    private long number;
    private long least = Long.MAX_VALUE;
    private Elements tensor = Elements.NOTHING;

    /// Whether its value is that of a function's attribute, which each call gives anew.
    private boolean isReference;

    boolean isLabels() {
      return name.equals("classlabels_int64s") || name.equals("classlabels_strings");
    }

    /// What it says of the elements of the node's result.
    Elements elements() {
      if (isReference) {
        return Elements.NOTHING;
      }
      return switch (name) {
        case "value" -> tensor;
        case "value_int" -> new Elements(Elements.INT64, number);
        case "value_ints" -> new Elements(Elements.INT64, least);
        case "value_float", "value_floats" -> Elements.of(Elements.FLOAT);
        case "to" -> Elements.of((int) number);
        default -> Elements.NOTHING;
      };
    }

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> name = in.text();
        case 3 -> number = in.number();
        case 5 -> {
          once.require(field);
          tensor = format.tensor().elements();
        }
        case 8 -> {
          if (name.equals("classlabels_int64s")) {
            var numbers = new ArrayList<Long>();
            in.numbers(numbers, OnnxFormat.MAX_KEPT);
            format.keep(values.size() + numbers.size());
            numbers.forEach(number -> values.add(Long.toString(number)));
          } else if (name.equals("value_ints")) {
            in.numbers(number -> least = Math.min(least, number));
          }
        }
        case 9 -> {
          if (name.equals("classlabels_strings")) {
            format.keep(values.size());
            values.add(in.text());
          }
        }
        case 21 -> isReference = !in.text().isEmpty();
        default -> format.attributeField(field, once);
      }
    }
  }
}
