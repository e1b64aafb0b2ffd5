package dev.mlo.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;

/// A stream that does not give its last byte away before the digest and the size were seen to
/// match, so that nobody comes to the end of wrong content without an exception.
public final class VerifiedStream extends FilterInputStream {
  private static final int BUFFER = 1 << 20;

  private final Descriptor descriptor;
  private final String place;
  private final MessageDigest hasher;
  private long count;
  private boolean verified;

  public VerifiedStream(InputStream in, Descriptor descriptor, String place) {
    super(in);
    this.descriptor = descriptor;
    this.place = place;
    this.hasher = descriptor.digest().hasher();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int n = in.read(bytes, offset, length);
    if (n > 0) {
      count += n;
      if (count > descriptor.size()) {
        throw mismatch("it is longer than the " + descriptor.size() + " bytes it should have");
      }
      hasher.update(bytes, offset, n);
    } else if (count < descriptor.size()) {
      throw mismatch("it ends after %d of %d bytes".formatted(count, descriptor.size()));
    }
    if (count == descriptor.size() && !verified) {
      verify();
    }
    return n;
  }

  private void verify() throws DigestMismatchException {
    Digest found = Digest.of(descriptor.digest().algorithm(), hasher.digest());
    if (!found.equals(descriptor.digest())) {
      throw mismatch("its bytes are those of " + found);
    }
    verified = true;
  }

  private DigestMismatchException mismatch(String how) {
    return new DigestMismatchException("%s in %s: %s".formatted(descriptor.digest(), place, how));
  }

  @Override
  public long skip(long wanted) throws IOException {
    byte[] buffer = new byte[Math.clamp(wanted, 1, BUFFER)];
    long left = wanted;
    while (left > 0) {
      int n = read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        break;
      }
      left -= n;
    }
    return wanted - Math.max(0, left);
  }

  @Override
  public long transferTo(OutputStream out) throws IOException {
    return transfer(this, out, descriptor.size());
  }

  /// With a buffer that suits the size.
  static long transfer(InputStream in, OutputStream out, long size) throws IOException {
    byte[] buffer = new byte[Math.clamp(size, 1, BUFFER)];
    long total = 0;
    for (int n = in.read(buffer, 0, buffer.length); n >= 0; n = in.read(buffer, 0, buffer.length)) {
      out.write(buffer, 0, n);
      total += n;
    }
    return total;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
