package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Where a blob is written to, which may take a file's content straight from its channel: each
/// buffer between a large file and its layer costs a tenth of the time that hashing it takes.
public abstract class BlobSink extends OutputStream {
  /// Somebody who looks at the same bytes on a thread of his own.
  @FunctionalInterface
  public interface Reader {
    /// @param bytes which stay as they are until the future is done
    Future<?> read(ByteBuffer bytes);
  }

  /// The same output, with a buffer in between where it is not made for this.
  public static BlobSink of(OutputStream out) {
    return out instanceof BlobSink sink ? sink : new Buffered(out);
  }

  /// Waits for somebody who reads.
  static void settle(@Nullable Future<?> reading) throws IOException {
    try {
      if (reading != null) {
        reading.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while hashing");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Takes some of what comes next in a file.
  ///
  /// @return how many bytes; less than 0 at the end of the file
  public abstract int take(FileChannel file, Reader reader) throws IOException;

  private static final class Buffered extends BlobSink {
    private final OutputStream out;
    private @Nullable Future<?> before;

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

    @Override
    public int take(FileChannel file, Reader reader) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(BlobFile.BLOCK);
      int n = file.read(bytes);
      if (n > 0) {
        settle(before);
        before = reader.read(bytes.duplicate().flip());
        out.write(bytes.array(), 0, n);
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
