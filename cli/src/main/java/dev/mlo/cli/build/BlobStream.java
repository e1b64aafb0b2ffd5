package dev.mlo.cli.build;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a blob that comes over the network goes: no longer than announced, told of as it grows,
/// and given up when the user says so. Remembers what went wrong on this side, for whoever sends
/// cannot tell it from a broken connection. Stays open when it is closed.
final class BlobStream extends FilterOutputStream {
  private final Descriptor blob;
  private final BuildLog log;
  private long written;
  private @Nullable IOException failure;

  BlobStream(OutputStream out, Descriptor blob, BuildLog log) {
    super(out);
    this.blob = blob;
    this.log = log;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
      if (written + length > blob.size()) {
        throw new DigestMismatchException(
            "%s: it is longer than the %d bytes the manifest tells"
                .formatted(blob.digest(), blob.size()));
      }
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    written += length;
    log.layerProgress(written);
  }

  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  void requireWhole() throws DigestMismatchException {
    if (written != blob.size()) {
      throw new DigestMismatchException(
          "%s: it has %d bytes, the manifest tells %d"
              .formatted(blob.digest(), written, blob.size()));
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}
