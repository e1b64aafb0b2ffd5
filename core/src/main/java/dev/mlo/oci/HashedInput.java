package dev.mlo.oci;

import java.io.InputStream;
import java.security.MessageDigest;

/// A stream that knows the digest of what was read from it, and stops at a limit.
final class HashedInput extends LimitedInput {
  private final String algorithm;
  private final MessageDigest hasher;

  HashedInput(InputStream in, long limit) {
    this(in, limit, "sha256");
  }

  HashedInput(InputStream in, long limit, String algorithm) {
    super(in, limit);
    this.algorithm = algorithm;
    this.hasher = Digest.hasher(algorithm);
  }

  @Override
  void see(byte[] bytes, int offset, int length) {
    hasher.update(bytes, offset, length);
  }

  Digest digest() {
    return Digest.of(algorithm, hasher.digest());
  }
}
