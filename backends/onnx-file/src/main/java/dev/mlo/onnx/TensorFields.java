package dev.mlo.onnx;

import dev.mlo.contract.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a `TensorProto`; of its elements, how many bytes they are and, of whole numbers, the
/// least.
final class TensorFields {
  /// `TensorProto.DataLocation.EXTERNAL`
  private static final int EXTERNAL = 1;

  private static final int MAX_RANK = 32;

  /// Of longer weights the least number is not looked for, in bytes; what is counted with is short.
  private static final int MAX_LOOKED_AT = 1 << 16;

  private final WireReader in;
  private final List<Long> dimensions = new ArrayList<>();
  private int elementType;
  private String name = "";
  private int dataLocation;
  private String file = "";
  private long offset;
  private long length = -1;
  private long rawBytes = -1;
  private boolean hasElements;
  private long least = Long.MAX_VALUE;

  private TensorFields(WireReader in) {
    this.in = in;
  }

  /// Reads the current field.
  static TensorFields read(WireReader in) throws IOException {
    var tensor = new TensorFields(in);
    in.message(tensor::field);
    return tensor;
  }

  String name() {
    return name;
  }

  /// What is known of a value that holds these elements.
  Elements elements() {
    return new Elements(elementType, dataLocation == EXTERNAL ? Long.MIN_VALUE : least);
  }

  /// `null`: the elements are in the model file itself.
  OnnxModel.@Nullable External external() {
    return dataLocation == EXTERNAL
        ? new OnnxModel.External(
            name, file, offset, length, OnnxSupport.bytes(elementType, dimensions))
        : null;
  }

  /// Why the elements cannot be what the tensor says; `null`: nothing speaks against it.
  @Nullable String fault() {
    String subject = "the weight `%s` ".formatted(Printable.of(name));
    if (elementType < 1 || elementType >= OnnxType.ELEMENTS.size()) {
      return subject + "has elements of type " + OnnxType.elementName(elementType);
    }
    if (dimensions.stream().anyMatch(dimension -> dimension < 0)) {
      return subject + "has the shape " + dimensions;
    }
    long expected = OnnxSupport.bytes(elementType, dimensions);
    if (dataLocation == EXTERNAL || expected < 0) {
      return null;
    }
    boolean wrong = rawBytes >= 0 ? rawBytes != expected : !hasElements && expected > 0;
    return wrong
        ? subject
            + "has %d bytes and its shape %s asks for %s"
                .formatted(
                    Math.max(rawBytes, 0),
                    dimensions,
                    expected == Long.MAX_VALUE ? "more than there are" : expected)
        : null;
  }

  private void field(int field) throws IOException {
    switch (field) {
      case 1 -> in.numbers(dimensions, MAX_RANK);
      case 2 -> elementType = (int) in.number();
      case 4, 10, 11 -> hasElements = true;
      case 5 -> {
        hasElements = true;
        // Protobuf takes the low half of what is written for a number of 32 bits.
        in.numbers(number -> {
          int low = (int) number;
          least = Math.min(least, low);
        });
      }
      case 7 -> {
        hasElements = true;
        in.numbers(number -> least = Math.min(least, number));
      }
      case 8 -> name = in.text();
      case 9 -> raw();
      case 13 -> new Entry().read();
      case 14 -> dataLocation = (int) in.number();
      default -> {}
    }
  }

  private void raw() throws IOException {
    int width =
        switch (elementType) {
          case Elements.INT32 -> Integer.BYTES;
          case Elements.INT64 -> Long.BYTES;
          default -> 0;
        };
    var first = ByteBuffer.allocate(width == 0 ? 0 : MAX_LOOKED_AT).order(ByteOrder.LITTLE_ENDIAN);
    rawBytes = in.bytes(first);
    if (rawBytes > first.position()) {
      least = Long.MIN_VALUE;
    }
    first.flip();
    while (width > 0 && first.remaining() >= width) {
      least = Math.min(least, width == Integer.BYTES ? first.getInt() : first.getLong());
    }
  }

  /// A `StringStringEntryProto` that says where the elements are.
  private final class Entry {
    private String key = "";
    private String value = "";

    void read() throws IOException {
      in.message(field -> {
        switch (field) {
          case 1 -> key = in.text();
          case 2 -> value = in.text();
          default -> {}
        }
      });
      switch (key) {
        case "location" -> file = value;
        case "offset" -> offset = decimal();
        case "length" -> length = decimal();
        default -> {}
      }
    }

    private long decimal() throws ModelFormatException {
      try {
        long number = Long.parseLong(value.strip());
        if (number >= 0) {
          return number;
        }
      } catch (NumberFormatException _) {
        // said below
      }
      throw in.malformed(
          "the %s of a tensor's external data is `%s`".formatted(key, Printable.of(value)));
    }
  }
}
