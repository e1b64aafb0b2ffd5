package dev.mlo.onnx;

import dev.mlo.contract.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a `ValueInfoProto`: the name and the type of an input or output.
final class TypeFields {
  private static final int MAX_RANK = 32;

  private final WireReader in;
  private String name = "";
  private OnnxType type = OnnxType.NONE;

  private TypeFields(WireReader in) {
    this.in = in;
  }

  /// Reads the current field.
  static OnnxModel.Value value(WireReader in) throws IOException {
    var value = new TypeFields(in);
    in.message(field -> {
      switch (field) {
        case 1 -> value.name = in.text();
        case 2 -> value.type = read(in);
        default -> {}
      }
    });
    return new OnnxModel.Value(value.name, value.type);
  }

  private static OnnxType read(WireReader in) throws IOException {
    var type = new TypeFields(in);
    in.message(type::typeField);
    return type.type;
  }

  private void typeField(int field) throws IOException {
    switch (field) {
      case 1 -> type = new TensorType().read();
      case 4 -> type = new OnnxType.Sequence(wrapped());
      case 5 -> type = new MapType().read();
      case 7 -> type = new OnnxType.Other("opaque");
      case 8 -> type = new OnnxType.Other("sparse_tensor");
      case 9 -> type = new OnnxType.Other("optional(" + wrapped() + ")");
      default -> {}
    }
  }

  /// The type inside a sequence or an optional.
  private OnnxType wrapped() throws IOException {
    var wrapped = new TypeFields(in);
    in.message(field -> {
      if (field == 1) {
        wrapped.type = read(in);
      }
    });
    return wrapped.type;
  }

  private final class MapType {
    private int key;
    private OnnxType value = OnnxType.NONE;

    OnnxType read() throws IOException {
      in.message(field -> {
        switch (field) {
          case 1 -> key = (int) in.number();
          case 2 -> value = TypeFields.read(in);
          default -> {}
        }
      });
      return new OnnxType.Mapping(key, value);
    }
  }

  private final class TensorType {
    private int element;
    private @Nullable List<Long> dimensions;

    OnnxType read() throws IOException {
      in.message(field -> {
        switch (field) {
          case 1 -> element = (int) in.number();
          case 2 -> shape();
          default -> {}
        }
      });
      return new OnnxType.Tensor(element, dimensions == null ? null : new Shape(dimensions));
    }

    private void shape() throws IOException {
      var read = new ArrayList<Long>();
      in.message(field -> {
        if (field == 1) {
          read.add(dimension());
        }
      });
      if (read.size() > MAX_RANK) {
        throw in.malformed("a shape has " + read.size() + " dimensions");
      }
      dimensions = read;
    }

    /// A dimension with a name, or with neither name nor length, may have any length.
    private long dimension() throws IOException {
      var length = new ArrayList<Long>(List.of(-1L));
      in.message(field -> {
        if (field == 1) {
          length.set(0, in.number());
        }
      });
      return Math.max(-1, length.getFirst());
    }
  }
}
