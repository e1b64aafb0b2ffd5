package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// What bytes are called everywhere: an algorithm and the hash in lower-case hex, `sha256:…` or
/// `sha512:…` (OCI image specification, "Digests"). A value of this type is always well formed.
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SHA512 = Pattern.compile("[0-9a-f]{128}");

  public Digest {
    boolean wellFormed =
        switch (algorithm) {
          case "sha256" -> SHA256.matcher(hex).matches();
          case "sha512" -> SHA512.matcher(hex).matches();
          default -> false;
        };
    if (!wellFormed) {
      throw new IllegalArgumentException(
          "`%s:%s` is no digest: expected sha256: and 64, or sha512: and 128 lower-case hex digits"
              .formatted(algorithm, hex));
    }
  }

  /// @throws IllegalArgumentException when the text is no digest
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new Digest("", text)
        : new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  public static boolean isDigest(String text) {
    return text.startsWith("sha256:")
        ? SHA256.matcher(text.substring(7)).matches()
        : text.startsWith("sha512:") && SHA512.matcher(text.substring(7)).matches();
  }

  public static Digest sha256(byte[] bytes) {
    return of("sha256", hasher("sha256").digest(bytes));
  }

  /// Has Java compile SHA-256. Until it is compiled a large file is hashed at a fifth of the speed,
  /// and the first 64 MiB of two hashes were measured to take 0.1 s longer; the 2.5 MiB, or 40 ms,
  /// that it takes can be hashed while another processor has something else to do.
  public static void warmUp() {
    MessageDigest hasher = hasher("sha256");
    ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
    for (int i = 0; i < 40; i++) {
      hasher.update(bytes.clear());
    }
  }

  /// SHA-256 of a file's content, read as a stream.
  public static Digest sha256(Path file) throws IOException {
    MessageDigest hasher = hasher("sha256");
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hasher.update(buffer, 0, n);
      }
    }
    return of("sha256", hasher.digest());
  }

  public static Digest of(String algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /// The digest of these bytes by this digest's own algorithm.
  public boolean matches(byte[] bytes) {
    return equals(of(algorithm, hasher(algorithm).digest(bytes)));
  }

  /// A fresh hash function of this digest's algorithm.
  public MessageDigest hasher() {
    return hasher(algorithm);
  }

  public static MessageDigest hasher(String algorithm) {
    try {
      return MessageDigest.getInstance(
          switch (algorithm) {
            case "sha256" -> "SHA-256";
            case "sha512" -> "SHA-512";
            default -> throw new IllegalArgumentException("unknown digest algorithm " + algorithm);
          });
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-2", e);
    }
  }

  /// The first twelve hex digits, for people.
  public String brief() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
