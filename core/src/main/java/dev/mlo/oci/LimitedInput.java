package dev.mlo.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream that stops at a limit, and gives every byte to whoever watches it.
class LimitedInput extends FilterInputStream {
  private final long limit;
  private long count;

  LimitedInput(InputStream in, long limit) {
    super(in);
    this.limit = limit;
  }

  /// Is given what was read.
  void see(byte[] bytes, int offset, int length) {}

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final int read(byte[] bytes, int offset, int length) throws IOException {
    int n = super.read(bytes, offset, length);
    if (n > 0) {
      count += n;
      if (count > limit) {
        throw new DocumentException("layer: it unpacks to more than " + limit + " bytes");
      }
      see(bytes, offset, n);
    }
    return n;
  }

  /// What is skipped is read: it belongs to what is watched.
  @Override
  public final long skip(long wanted) throws IOException {
    byte[] buffer = new byte[(int) Math.clamp(wanted, 1L, 8192L)];
    long skipped = 0;
    while (skipped < wanted) {
      int n = read(buffer, 0, (int) Math.min(buffer.length, wanted - skipped));
      if (n < 0) {
        break;
      }
      skipped += n;
    }
    return skipped;
  }

  @Override
  public final boolean markSupported() {
    return false;
  }

  /// Reads to the end.
  final void drain() throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int n = read(buffer); n >= 0; n = read(buffer)) {
      // Read to be seen only.
    }
  }
}
