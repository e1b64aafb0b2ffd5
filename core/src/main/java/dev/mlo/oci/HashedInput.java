package dev.mlo.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// A stream that knows the SHA-256 of what was read from it, and stops at a limit.
final class HashedInput extends FilterInputStream {
  private final MessageDigest hasher = Digest.hasher("sha256");
  private final long limit;
  private long count;

  HashedInput(InputStream in, long limit) {
    super(in);
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = super.read(bytes, offset, length);
    if (n > 0) {
      count += n;
      if (count > limit) {
        throw new DocumentException("layer: it unpacks to more than " + limit + " bytes");
      }
      hasher.update(bytes, offset, n);
    }
    return n;
  }

  /// What is skipped is read: it belongs to the hash.
  @Override
  public long skip(long wanted) throws IOException {
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
  public boolean markSupported() {
    return false;
  }

  void drain() throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int n = read(buffer); n >= 0; n = read(buffer)) {
      // Read for its hash only.
    }
  }

  Digest digest() {
    return Digest.of("sha256", hasher.digest());
  }
}
