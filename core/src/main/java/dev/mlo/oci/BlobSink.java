package dev.mlo.oci;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;

/// Where a blob is written to, which may take a file's content straight from its channel: each
/// buffer between a large file and its layer costs a tenth of the time that hashing it takes.
public abstract class BlobSink extends OutputStream {
  /// The same output, with a buffer in between where it is not made for this.
  public static BlobSink of(OutputStream out) {
    return out instanceof BlobSink sink ? sink : new Buffered(out);
  }

  /// Takes some of what comes next in a file.
  ///
  /// @param beside hashes the same bytes; it has seen them all once the blob is complete, and is
  ///   nobody else's until then
  /// @return how many bytes; less than 0 at the end of the file
  public abstract int take(FileChannel file, MessageDigest beside) throws IOException;

  private static final class Buffered extends BlobSink {
    private final OutputStream out;
    private final byte[] block = new byte[BlobFile.BLOCK];

    Buffered(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    /// Hashes while the other end of the output, which may be hashing too, gets the bytes.
    @Override
    public int take(FileChannel file, MessageDigest beside) throws IOException {
      int n = file.read(ByteBuffer.wrap(block));
      if (n > 0) {
        var hashing = CompletableFuture.runAsync(() -> beside.update(block, 0, n));
        try {
          out.write(block, 0, n);
        } finally {
          hashing.join();
        }
      }
      return n;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
