package dev.mlo.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;

/// The shape of an input of which only the bytes came: the one length that the model leaves open
/// follows from their number. A first dimension of any length stays a batch of one when another one
/// is open too.
final class RawShape {
  private RawShape() {}

  static Shape of(TensorSpec input, byte[] body) throws MalformedException {
    long known = 1;
    int open = -1;
    boolean batchOfOne = false;
    var lengths = new ArrayList<>(input.shape().dimensions());
    for (int i = 0; i < lengths.size(); i++) {
      long length = lengths.get(i);
      if (length >= 0) {
        known = Math.multiplyExact(known, length);
      } else if (open < 0) {
        open = i;
      } else if (open == 0 && !batchOfOne) {
        lengths.set(0, 1L);
        batchOfOne = true;
        open = i;
      } else {
        throw new MalformedException(
            "a body without a JSON header needs a shape with one open length; `%s` has %s"
                .formatted(input.name(), input.shape()));
      }
    }
    if (open >= 0) {
      lengths.set(open, known == 0 ? 0 : elements(input, body) / known);
    }
    return new Shape(lengths);
  }

  private static long elements(TensorSpec input, byte[] body) throws MalformedException {
    return input.datatype() == DataType.BYTES
        ? strings(body)
        : body.length / input.datatype().width();
  }

  private static long strings(byte[] body) throws MalformedException {
    ByteBuffer rest = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    long count = 0;
    while (rest.remaining() >= Integer.BYTES) {
      long length = rest.getInt() & 0xffffffffL;
      if (length > rest.remaining()) {
        throw new MalformedException(
            "element %d says %d bytes where %d are left"
                .formatted(count, length, rest.remaining()));
      }
      rest.position(rest.position() + (int) length);
      count++;
    }
    return count;
  }
}
