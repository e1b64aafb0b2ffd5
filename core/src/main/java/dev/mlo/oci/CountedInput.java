package dev.mlo.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/// A stream that tells how many more bytes were read of it, each time.
public final class CountedInput extends FilterInputStream {
  private final LongConsumer log;

  public CountedInput(InputStream in, LongConsumer log) {
    super(in);
    this.log = log;
  }

  @Override
  public int read() throws IOException {
    int b = in.read();
    tell(b < 0 ? 0 : 1);
    return b;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = in.read(bytes, offset, length);
    tell(n);
    return n;
  }

  private void tell(int n) {
    if (n > 0) {
      log.accept(n);
    }
  }
}
