package dev.mlo.contract;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Whether bytes are UTF-8 as RFC 3629 has it. The JSON parser takes a character for another that
/// is written with more bytes than it needs (`C0 80` for NUL), which no encoder writes.
final class Utf8 {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// Of eight bytes, the bits that ASCII has not.
  private static final long BEYOND_ASCII = 0x8080808080808080L;

  private Utf8() {}

  /// @return where the first character begins that is none; -1: all are
  static int firstBroken(byte[] bytes, int length) {
    int at = 0;
    while (at < length) {
      if (at + Long.BYTES <= length && ((long) EIGHT.get(bytes, at) & BEYOND_ASCII) == 0) {
        at += Long.BYTES;
        continue;
      }
      int size = size(bytes, at, length);
      if (size == 0) {
        return at;
      }
      at += size;
    }
    return -1;
  }

  /// @return how many bytes the character takes; 0: it is none
  private static int size(byte[] bytes, int at, int length) {
    int first = bytes[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (at + size > length) {
      return 0;
    }
    for (int i = 1; i < size; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return size > 2 && !fits(first, bytes[at + 1] & 0xff) ? 0 : size;
  }

  /// Whether the character needs so many bytes, is no half of a pair, and is within Unicode.
  private static boolean fits(int first, int second) {
    return switch (first) {
      case 0xe0 -> second >= 0xa0;
      case 0xed -> second < 0xa0;
      case 0xf0 -> second >= 0x90;
      case 0xf4 -> second < 0x90;
      default -> true;
    };
  }
}
