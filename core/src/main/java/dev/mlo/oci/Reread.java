package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;

/// Finds out why a reader failed: wrong bytes show in many ways (a tar that ends early, a checksum
/// of gzip) before the end of the stream is reached, where they are known to be wrong.
final class Reread {
  /// Other bytes came than the blob has.
  static final class DamagedException extends Exception {
    private final DigestMismatchException mismatch;

    DamagedException(DigestMismatchException mismatch) {
      super(mismatch);
      this.mismatch = mismatch;
    }

    DigestMismatchException mismatch() {
      return mismatch;
    }
  }

  private Reread() {}

  /// @param blob that says at its end whether its bytes were the right ones
  static <T> T of(InputStream blob, ImageSource.Reading<T> reading)
      throws IOException, DamagedException {
    try {
      return reading.from(blob);
    } catch (IOException e) {
      if (mayBeDamage(e)) {
        requireWhole(blob, e);
      }
      throw e;
    }
  }

  /// What the network, the disk and the user do says nothing of the bytes.
  private static boolean mayBeDamage(IOException e) {
    return switch (e) {
      case DigestMismatchException _, DocumentException _ -> true;
      case OciException _, InterruptedIOException _ -> false;
      case ClosedByInterruptException _, FileSystemException _ -> false;
      default -> true;
    };
  }

  private static void requireWhole(InputStream blob, IOException failure)
      throws IOException, DamagedException {
    try {
      blob.transferTo(OutputStream.nullOutputStream());
    } catch (DigestMismatchException e) {
      throw new DamagedException(failure instanceof DigestMismatchException first ? first : e);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
