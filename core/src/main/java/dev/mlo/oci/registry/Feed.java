package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// A blob of a source, handed out in parts. It is read once from end to end as long as the parts
/// follow one another, so that the source proves the whole of it, whatever it is cut into.
final class Feed implements AutoCloseable {
  private final ImageSource source;
  private final Descriptor blob;
  private @Nullable InputStream in;
  private long position;

  Feed(ImageSource source, Descriptor blob) {
    this.source = source;
    this.blob = blob;
  }

  Content part(long from, long length) {
    return new Content() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() throws IOException {
        return at(from);
      }
    };
  }

  private synchronized InputStream at(long from) throws IOException {
    if (in == null || position > from) {
      close();
      in = source.blob(blob);
    }
    in.skipNBytes(from - position);
    position = from;
    return new Part(in);
  }

  @Override
  public synchronized void close() throws IOException {
    if (in != null) {
      in.close();
    }
    in = null;
    position = 0;
  }

  @SuppressWarnings("ReferenceEquality") // It is this very stream that must still be read.
  private synchronized boolean isCurrent(InputStream stream) {
    return in == stream;
  }

  private synchronized void moved(int n) {
    position += Math.max(0, n);
  }

  /// Ending a part leaves the blob open for the next one.
  private final class Part extends FilterInputStream {
    Part(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (!isCurrent(in)) {
        throw new IOException("this attempt was given up");
      }
      int n = in.read(bytes, offset, length);
      moved(n);
      return n;
    }

    @Override
    public void close() {}
  }
}
