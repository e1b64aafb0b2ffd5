package dev.mlo.onnx;

import java.util.HashSet;
import java.util.Set;

/// Fields that a message may have once. Protobuf would merge two of them into one that stands
/// nowhere in the file, so that what is checked would not be what is loaded.
final class Once {
  private final WireReader in;
  private final Set<Integer> seen = new HashSet<>();

  Once(WireReader in) {
    this.in = in;
  }

  void require(int field) throws ModelFormatException {
    if (!seen.add(field)) {
      throw in.malformed("a message has its field %d twice".formatted(field));
    }
  }
}
