package dev.mlo.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A tensor as bytes: row-major and little-endian, BOOL one byte an element, BYTES each element
/// with its length before it as an unsigned 32-bit number. So do the binary tensor extension of the
/// Open Inference Protocol and the raw contents of its gRPC messages.
public final class TensorBytes {
  private TensorBytes() {}

  /// @param field what a message calls the bytes: `inputs[0]`
  /// @param bytes from position to limit; shared with the tensor, not copied
  /// @throws MalformedException when they are not what datatype and shape take
  public static Tensor read(
      String field, String name, DataType datatype, Shape shape, ByteBuffer bytes)
      throws MalformedException {
    long elements = elements(field, shape);
    if (datatype == DataType.BYTES) {
      return new Tensor.Strings(name, shape, strings(field, elements, bytes));
    }
    if (elements > Integer.MAX_VALUE || elements * datatype.width() != bytes.remaining()) {
      throw new MalformedException(
          "`%s` has %d bytes; %s of shape %s takes %s"
              .formatted(
                  field,
                  bytes.remaining(),
                  datatype,
                  shape,
                  elements > Integer.MAX_VALUE ? "more than fit" : elements * datatype.width()));
    }
    if (datatype == DataType.BOOL) {
      checkBooleans(field, bytes);
    }
    return new Tensor.Numbers(name, datatype, shape, bytes);
  }

  private static long elements(String field, Shape shape) throws MalformedException {
    try {
      return shape.elements();
    } catch (ArithmeticException e) {
      throw new MalformedException("`" + field + ".shape` " + shape + " is too large");
    }
  }

  /// To an engine written in C++ a boolean of any other byte is undefined.
  private static void checkBooleans(String field, ByteBuffer bytes) throws MalformedException {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if ((bytes.get(i) & 0xfe) != 0) {
        throw new MalformedException(
            "`%s[%d]` is %d, which is not 0 or 1 (BOOL)"
                .formatted(field, i - bytes.position(), bytes.get(i) & 0xff));
      }
    }
  }

  private static List<byte[]> strings(String field, long elements, ByteBuffer bytes)
      throws MalformedException {
    ByteBuffer rest = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    var strings = new ArrayList<byte[]>();
    while (rest.hasRemaining()) {
      String element = field + "[" + strings.size() + "]";
      if (strings.size() == elements) {
        throw new MalformedException(
            "`%s` has %d bytes after its %d elements".formatted(field, rest.remaining(), elements));
      }
      if (rest.remaining() < Integer.BYTES) {
        throw new MalformedException("`" + element + "` ends within its length");
      }
      long length = rest.getInt() & 0xffffffffL;
      if (length > rest.remaining()) {
        throw new MalformedException(
            "`%s` says %d bytes where %d are left".formatted(element, length, rest.remaining()));
      }
      byte[] value = new byte[(int) length];
      rest.get(value);
      strings.add(value);
    }
    if (strings.size() != elements) {
      throw new MalformedException(
          "`%s` has %d elements where its shape says %d"
              .formatted(field, strings.size(), elements));
    }
    return strings;
  }

  /// How many bytes [#write] makes of it.
  ///
  /// @throws ArithmeticException beyond 2 GiB
  public static int size(Tensor tensor) {
    return switch (tensor) {
      case Tensor.Numbers numbers -> numbers.data().remaining();
      case Tensor.Strings strings -> {
        long size = 0;
        for (byte[] element : strings.elements()) {
          size += Integer.BYTES + element.length;
        }
        yield Math.toIntExact(size);
      }
    };
  }

  /// @return the bytes, from position to limit; of numbers they are the tensor's own, not a copy
  public static ByteBuffer write(Tensor tensor) {
    return switch (tensor) {
      case Tensor.Numbers numbers -> numbers.data();
      case Tensor.Strings strings -> {
        ByteBuffer bytes = ByteBuffer.allocate(size(strings)).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] element : strings.elements()) {
          bytes.putInt(element.length).put(element);
        }
        yield bytes.flip();
      }
    };
  }
}
