package dev.mlo.oci;

import java.io.IOException;
import java.io.OutputStream;

/// The way into a place: what goes wrong there is the place's failure, not the source's.
final class StoreOutput extends OutputStream {
  private final OutputStream out;
  private final String place;

  StoreOutput(OutputStream out, String place) {
    this.out = out;
    this.place = place;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw StoreException.of("write " + place, e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw StoreException.of("write " + place, e);
    }
  }
}
