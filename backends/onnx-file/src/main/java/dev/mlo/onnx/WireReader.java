package dev.mlo.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads protobuf messages from a file of any size with a small buffer: what nobody asks for is
/// skipped by moving on, never read. The format:
/// <https://protobuf.dev/programming-guides/encoding/>.
final class WireReader {
  private static final int BUFFER = 1 << 16;

  /// As deep as protobuf's own parsers go by default, which the engine uses.
  private static final int MAX_DEPTH = 100;

  private static final int MAX_TEXT = 1 << 20;

  /// All text that is looked at, in bytes: the names in a model of millions of nodes fit.
  private static final long MAX_TEXT_TOTAL = 256L << 20;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  /// Reads one field, or leaves it alone.
  @FunctionalInterface
  interface Fields {
    void field(int number) throws IOException;
  }

  /// Takes one number of a list.
  @FunctionalInterface
  interface Numbers {
    void number(long number) throws IOException;
  }

  private final SeekableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
  private final long size;

  /// Where the buffer's first byte lies in the file.
  private long bufferStart;

  /// Where the current message ends.
  private long limit;

  private int depth;

  /// Of each message that is open: where its length stands, where it begins and where it ends.
  private final long[] open = new long[3 * MAX_DEPTH];

  private long textTotal;
  private int wireType;
  private long fieldStart;
  private int field;
  private boolean pending;

  WireReader(SeekableByteChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
    this.limit = size;
  }

  /// Calls `fields` for each field up to the end of the message; a field it does not read is
  /// skipped.
  void fields(Fields fields) throws IOException {
    while (position() < limit) {
      fieldStart = position();
      long tag = varint();
      long number = tag >>> 3;
      wireType = (int) (tag & 7);
      if (number < 1 || number >= 1 << 29) {
        throw malformed("there is no field number " + number);
      }
      field = (int) number;
      pending = true;
      fields.field(field);
      if (pending) {
        skip();
      }
    }
  }

  /// The current field, which is a message.
  void message(Fields fields) throws IOException {
    expect(LENGTH);
    long outer = limit;
    long lengthAt = position();
    long length = length();
    if (depth == MAX_DEPTH) {
      throw malformed("messages are nested deeper than " + MAX_DEPTH);
    }
    limit = position() + length;
    open[3 * depth] = lengthAt;
    open[3 * depth + 1] = position();
    open[3 * depth + 2] = limit;
    depth++;
    fields(fields);
    depth--;
    limit = outer;
  }

  /// The messages that the current field is in, the outermost first; not the file itself.
  List<Patch.Message> around() {
    var around = new ArrayList<Patch.Message>(depth);
    for (int i = 0; i < depth; i++) {
      around.add(new Patch.Message(open[3 * i], open[3 * i + 1], open[3 * i + 2]));
    }
    return around;
  }

  /// The number of the current field.
  int field() {
    return field;
  }

  /// Where the current field begins in the file, with its number.
  long fieldStart() {
    return fieldStart;
  }

  /// Where the next byte lies in the file; the end of a field that has been read.
  long position() {
    return bufferStart + buffer.position();
  }

  /// The current field, which is a number.
  long number() throws IOException {
    expect(VARINT);
    return varint();
  }

  /// The current field, which is text.
  String text() throws IOException {
    expect(LENGTH);
    long length = length();
    textTotal += length;
    if (length > MAX_TEXT || textTotal > MAX_TEXT_TOTAL) {
      throw malformed("a name of " + length + " bytes is longer than anything reasonable");
    }
    byte[] bytes = read((int) length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw malformed("a name is not UTF-8");
    }
  }

  private byte[] read(int length) throws IOException {
    var bytes = new byte[length];
    for (int at = 0; at < bytes.length; ) {
      fill();
      int part = Math.min(buffer.remaining(), bytes.length - at);
      buffer.get(bytes, at, part);
      at += part;
    }
    return bytes;
  }

  /// The current field, which is a number, or several packed into one field; all are added to
  /// `into`.
  void numbers(List<Long> into, int max) throws IOException {
    numbers(number -> {
      if (into.size() == max) {
        throw malformed("a list has more than " + max + " numbers");
      }
      into.add(number);
    });
  }

  /// The current field, which is a number, or several packed into one field.
  void numbers(Numbers each) throws IOException {
    if (wireType == VARINT) {
      each.number(number());
    } else {
      expect(LENGTH);
      long length = length();
      long end = position() + length;
      while (position() < end) {
        each.number(varint());
      }
    }
  }

  /// Passes over the current field, which is bytes.
  ///
  /// @param first gets as many of them as it has room for
  /// @return how many they are
  long bytes(ByteBuffer first) throws IOException {
    expect(LENGTH);
    long length = length();
    byte[] read = read((int) Math.min(first.remaining(), length));
    first.put(read);
    skip(length - read.length);
    return length;
  }

  ModelFormatException malformed(String message) {
    return ModelFormatException.malformed(fieldStart, message);
  }

  private void expect(int type) throws ModelFormatException {
    if (wireType != type) {
      throw malformed("a field has the wire type " + wireType + " where " + type + " belongs");
    }
    pending = false;
  }

  private void skip() throws IOException {
    pending = false;
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> skip(8);
      case LENGTH -> skip(length());
      case FIXED32 -> skip(4);
      default -> throw malformed("there is no wire type " + wireType);
    }
  }

  /// The announced length of the current field, which lies inside the current message.
  private long length() throws IOException {
    long length = varint();
    check(length);
    return length;
  }

  private void check(long length) throws ModelFormatException {
    if (length >= 0 && length <= limit - position()) {
      return;
    }
    if (length >= 0 && limit == size) {
      throw ModelFormatException.truncated(
          fieldStart,
          "a field of %d bytes starts there and %d bytes follow"
              .formatted(length, limit - position()));
    }
    throw malformed("a field is longer than the message it is in");
  }

  private void skip(long length) throws IOException {
    check(length);
    if (length <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) length);
    } else {
      bufferStart = position() + length;
      buffer.position(0).limit(0);
      channel.position(bufferStart);
    }
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position() >= limit) {
        throw limit == size
            ? ModelFormatException.truncated(position(), "a number is cut off there")
            : malformed("a number does not end where its message ends");
      }
      fill();
      byte next = buffer.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("a number is longer than ten bytes");
  }

  private void fill() throws IOException {
    if (buffer.hasRemaining()) {
      return;
    }
    bufferStart += buffer.limit();
    buffer.clear();
    if (channel.read(buffer) <= 0) {
      buffer.limit(0);
      throw ModelFormatException.truncated(
          bufferStart, "the file became shorter while it was read");
    }
    buffer.flip();
  }
}
