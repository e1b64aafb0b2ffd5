package dev.mlo.cli.model;

import dev.mlo.cli.model.OnnxModel.Operator;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the messages of onnx.proto; the numbers are its field numbers
/// (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>). Weights are passed over.
final class OnnxFormat {
  /// More than any model has; a bound on what a hostile file can make us keep.
  private static final int MAX_KEPT = 1_000_000;

  private final WireReader in;
  private final OnnxModel model = new OnnxModel();

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
      case 8 -> new OperatorSet().read();
      case 20 -> in.message(this::trainingField);
      case 25 -> new Function().read();
      default -> {}
    }
  }

  private void trainingField(int field) throws IOException {
    if (field == 1 || field == 2) {
      in.message(this::graphField);
    }
  }

  private void mainGraphField(int field) throws IOException {
    switch (field) {
      case 5 -> initializer();
      case 11 -> {
        keep(model.inputs.size());
        model.inputs.add(TypeFields.value(in));
      }
      case 12 -> {
        keep(model.outputs.size());
        model.outputs.add(TypeFields.value(in));
      }
      case 15 ->
          in.message(inner -> {
            switch (inner) {
              case 1 -> initializer();
              case 2 -> tensor();
              default -> {}
            }
          });
      default -> graphField(field);
    }
  }

  /// The parts that a graph inside a node has in common with the main one.
  private void graphField(int field) throws IOException {
    switch (field) {
      case 1 -> new Node().read();
      case 5 -> tensor();
      case 15 -> in.message(this::sparseField);
      default -> {}
    }
  }

  private void attributeField(int field) throws IOException {
    switch (field) {
      case 5, 10 -> tensor();
      case 6, 11 -> in.message(this::graphField);
      case 22, 23 -> in.message(this::sparseField);
      default -> {}
    }
  }

  private void sparseField(int field) throws IOException {
    if (field == 1 || field == 2) {
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

  private void keep(int already) throws ModelFormatException {
    if (already >= MAX_KEPT) {
      throw in.malformed("the model names more than a million things of one kind");
    }
  }

  private final class OperatorSet {
    private String domain = "";
    private long version;

    void read() throws IOException {
      in.message(field -> {
        switch (field) {
          case 1 -> domain = in.text();
          case 2 -> version = in.number();
          default -> {}
        }
      });
      keep(model.operatorSets.size());
      model.operatorSets.merge(OnnxSupport.canonicalDomain(domain), version, Math::max);
    }
  }

  private final class Function {
    private String name = "";
    private String domain = "";

    void read() throws IOException {
      in.message(field -> {
        switch (field) {
          case 1 -> name = in.text();
          case 7 -> new Node().read();
          case 9 -> new OperatorSet().read();
          case 10 -> domain = in.text();
          case 11 -> in.message(OnnxFormat.this::attributeField);
          default -> {}
        }
      });
      keep(model.functions.size());
      model.functions.add(new Operator(OnnxSupport.canonicalDomain(domain), name));
    }
  }

  private final class Node {
    private String type = "";
    private String domain = "";
    private String name = "";
    private @Nullable String firstOutput;
    private final List<String> labels = new ArrayList<>();

    void read() throws IOException {
      in.message(this::field);
      String canonical = OnnxSupport.canonicalDomain(domain);
      if (!OnnxSupport.isKnownDomain(canonical)) {
        keep(model.foreignOperators.size());
        model.foreignOperators.putIfAbsent(new Operator(canonical, type), name);
      }
      if (type.equals("ZipMap") && firstOutput != null) {
        keep(model.zipMapLabels.size());
        model.zipMapLabels.put(firstOutput, List.copyOf(labels));
      }
    }

    private void field(int field) throws IOException {
      switch (field) {
        case 2 -> {
          if (firstOutput == null) {
            firstOutput = in.text();
          }
        }
        case 3 -> name = in.text();
        case 4 -> type = in.text();
        case 5 -> new Attribute().read();
        case 7 -> domain = in.text();
        default -> {}
      }
    }

    /// The values of the two attributes of `ZipMap` are kept. Writers put an attribute's name
    /// first.
    private final class Attribute {
      private String name = "";

      void read() throws IOException {
        in.message(this::field);
      }

      private void field(int field) throws IOException {
        switch (field) {
          case 1 -> name = in.text();
          case 8 -> {
            if (name.equals("classlabels_int64s")) {
              var numbers = new ArrayList<Long>();
              in.numbers(numbers, MAX_KEPT);
              keep(labels.size() + numbers.size());
              numbers.forEach(number -> labels.add(Long.toString(number)));
            }
          }
          case 9 -> {
            if (name.equals("classlabels_strings")) {
              keep(labels.size());
              labels.add(in.text());
            }
          }
          default -> attributeField(field);
        }
      }
    }
  }
}
