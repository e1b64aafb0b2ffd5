package dev.mlo.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A named n-dimensional value: row-major, of a concrete shape. Numbers lie little-endian in one
/// buffer, as the binary tensor extension of the Open Inference Protocol sends them; strings are
/// byte arrays. Readers share the content and must not write to it.
public sealed interface Tensor {
  String name();

  DataType datatype();

  Shape shape();

  default TensorSpec spec() {
    return new TensorSpec(name(), datatype(), shape());
  }

  /// Everything but BYTES. `data` runs from 0 to its limit, in little-endian order.
  record Numbers(String name, DataType datatype, Shape shape, ByteBuffer data) implements Tensor {
    public Numbers {
      data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
      long expected = Math.multiplyExact(shape.elements(), (long) datatype.width());
      if (datatype == DataType.BYTES || data.remaining() != expected) {
        throw new IllegalArgumentException(
            "`%s`: %s of shape %s takes %d bytes, not %d"
                .formatted(name, datatype, shape, expected, data.remaining()));
      }
    }

    /// A view with a position of its own, little-endian.
    @Override
    public ByteBuffer data() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /// BYTES: one byte string an element, in UTF-8 where it is text.
  record Strings(String name, Shape shape, List<byte[]> elements) implements Tensor {
    public Strings {
      elements = List.copyOf(elements);
      if (elements.size() != shape.elements()) {
        throw new IllegalArgumentException(
            "`%s`: shape %s has %d elements, not %d"
                .formatted(name, shape, shape.elements(), elements.size()));
      }
    }

    public static Strings of(String name, Shape shape, List<String> text) {
      return new Strings(
          name, shape, text.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
    }

    @Override
    public DataType datatype() {
      return DataType.BYTES;
    }
  }
}
