package dev.mlo.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The elements of one tensor while they are read. The buffer grows with what arrives and stops at
/// what the shape allows.
final class TensorData {
  private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final int FIRST_CAPACITY = 4096;

  private final String field;
  private final DataType datatype;
  private final long limit;
  private final long most;
  private final boolean nulls;
  private ByteBuffer numbers;
  private final List<byte[]> strings = new ArrayList<>();
  private long count;

  private TensorData(String field, DataType datatype, long limit, boolean nulls) {
    this.field = field + ".data";
    this.datatype = datatype;
    this.limit = limit;
    this.nulls = nulls;
    // What the shape says may be beyond any buffer, and beyond a long when it is told in bytes.
    this.most = limit > Integer.MAX_VALUE ? Integer.MAX_VALUE : limit * datatype.width();
    this.numbers = buffer((int) Math.min(FIRST_CAPACITY, most));
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Reads the value of `data`, which the parser stands on.
  ///
  /// @param nulls whether `null` stands for NaN, as it does in answers
  static TensorData read(
      JsonParser parser, String field, DataType datatype, Shape shape, boolean nulls)
      throws IOException, MalformedException {
    TensorData data = new TensorData(field, datatype, shape.elements(), nulls);
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      data.list(parser, shape, 0);
    } else if (shape.rank() == 0) {
      data.element(parser);
    } else {
      throw new MalformedException("`" + data.field + "` is no list");
    }
    return data;
  }

  /// One list. It is flat, or nested exactly as the shape says.
  private void list(JsonParser parser, Shape shape, int depth)
      throws IOException, MalformedException {
    long children = 0;
    boolean nested = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_ARRAY) {
        if (depth + 1 >= shape.rank() || (children > 0 && !nested)) {
          throw new MalformedException(
              "`%s` is not nested as its shape %s".formatted(field, shape));
        }
        nested = true;
        list(parser, shape, depth + 1);
      } else {
        if (nested) {
          throw new MalformedException(
              "`%s` is not nested as its shape %s".formatted(field, shape));
        }
        element(parser);
      }
      children++;
    }
    boolean wholeRow = depth > 0 || nested;
    if (wholeRow && !nested && depth != shape.rank() - 1) {
      throw new MalformedException("`%s` is not nested as its shape %s".formatted(field, shape));
    }
    if (wholeRow && children != shape.dimensions().get(depth)) {
      throw new MalformedException(
          "`%s` has a list of %d where its shape %s says %d"
              .formatted(field, children, shape, shape.dimensions().get(depth)));
    }
  }

  private void element(JsonParser parser) throws IOException, MalformedException {
    if (count == limit) {
      throw new MalformedException("`%s` has more than %d elements".formatted(field, limit));
    }
    if (datatype == DataType.BYTES) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw wrong(parser, "text");
      }
      strings.add(text(parser));
    } else {
      number(parser);
    }
    count++;
  }

  /// JSON can name half of a surrogate pair, which no encoding has bytes for.
  private byte[] text(JsonParser parser) throws IOException, MalformedException {
    String text = parser.getText();
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new MalformedException("`%s[%d]` is no Unicode text".formatted(field, count));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void number(JsonParser parser) throws IOException, MalformedException {
    if (numbers.remaining() < datatype.width()) {
      grow();
    }
    switch (datatype) {
      case BOOL -> numbers.put((byte) (bool(parser) ? 1 : 0));
      case UINT8 -> numbers.put((byte) integer(parser, 0, 0xff));
      case UINT16 -> numbers.putShort((short) integer(parser, 0, 0xffff));
      case UINT32 -> numbers.putInt((int) integer(parser, 0, 0xffffffffL));
      case UINT64 -> numbers.putLong(unsignedLong(parser));
      case INT8 -> numbers.put((byte) integer(parser, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case INT16 -> numbers.putShort((short) integer(parser, Short.MIN_VALUE, Short.MAX_VALUE));
      case INT32 -> numbers.putInt((int) integer(parser, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT64 -> numbers.putLong(integer(parser, Long.MIN_VALUE, Long.MAX_VALUE));
      case FP16 -> numbers.putShort(half(parser));
      case FP32 -> numbers.putFloat(single(parser));
      case FP64 -> numbers.putDouble(real(parser));
      case BYTES -> throw new IllegalStateException("BYTES are no numbers");
    }
  }

  private void grow() throws MalformedException {
    long capacity = Math.min(most, Math.max(numbers.capacity() * 2L, 64));
    if (capacity > Integer.MAX_VALUE - 8) {
      throw new MalformedException("`" + field + "` is larger than 2 GiB");
    }
    ByteBuffer larger = buffer((int) capacity);
    larger.put(numbers.flip());
    numbers = larger;
  }

  private boolean bool(JsonParser parser) throws IOException, MalformedException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong(parser, "true or false");
    };
  }

  private long integer(JsonParser parser, long min, long max)
      throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw wrong(parser, "an integer within %d and %d".formatted(min, max));
    }
    long value = parser.getLongValue();
    if (value < min || value > max) {
      throw wrong(parser, "an integer within %d and %d".formatted(min, max));
    }
    return value;
  }

  private long unsignedLong(JsonParser parser) throws IOException, MalformedException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        long small = parser.getLongValue();
        if (small >= 0) {
          return small;
        }
      } else {
        BigInteger value = parser.getBigIntegerValue();
        if (value.signum() > 0 && value.bitLength() <= Long.SIZE) {
          return value.longValue();
        }
      }
    }
    throw wrong(parser, "an integer within 0 and " + UINT64_MAX);
  }

  private double real(JsonParser parser) throws IOException, MalformedException {
    if (isNan(parser)) {
      return Double.NaN;
    }
    if (!parser.currentToken().isNumeric()) {
      throw wrong(parser, "a number");
    }
    double value = parser.getDoubleValue();
    if (!Double.isFinite(value)) {
      throw wrong(parser, "a number that fits FP64");
    }
    return value == 0 && isNegative(parser) ? -0.0 : value;
  }

  private boolean isNan(JsonParser parser) {
    return nulls && parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private float single(JsonParser parser) throws IOException, MalformedException {
    if (isNan(parser)) {
      return Float.NaN;
    }
    if (!parser.currentToken().isNumeric()) {
      throw wrong(parser, "a number");
    }
    float value = parser.getFloatValue();
    if (!Float.isFinite(value)) {
      throw wrong(parser, "a number that fits FP32");
    }
    return value == 0 && isNegative(parser) ? -0.0f : value;
  }

  /// `-0` is an integer to the parser, and its integers have no negative zero.
  private static boolean isNegative(JsonParser parser) throws IOException {
    return parser.getText().startsWith("-");
  }

  private short half(JsonParser parser) throws IOException, MalformedException {
    if (isNan(parser)) {
      return Float.floatToFloat16(Float.NaN);
    }
    short value = Float.floatToFloat16(single(parser));
    if (!Float.isFinite(Float.float16ToFloat(value))) {
      throw wrong(parser, "a number that fits FP16");
    }
    return value;
  }

  private MalformedException wrong(JsonParser parser, String expected) throws IOException {
    String found = parser.getText();
    String shown = Printable.shortened(found, 40);
    return new MalformedException(
        "`%s[%d]` is %s, which is not %s (%s)".formatted(field, count, shown, expected, datatype));
  }

  Tensor tensor(String name, String field, DataType datatype, Shape shape)
      throws MalformedException {
    if (count != limit) {
      throw new MalformedException(
          "`%s.data` has %d elements; shape %s says %d".formatted(field, count, shape, limit));
    }
    return datatype == DataType.BYTES
        ? new Tensor.Strings(name, shape, strings)
        : new Tensor.Numbers(name, datatype, shape, numbers.flip());
  }
}
