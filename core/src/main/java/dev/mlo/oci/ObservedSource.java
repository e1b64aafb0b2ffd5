package dev.mlo.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A source that tells how much of each blob was read.
record ObservedSource(ImageSource source, CopyLog log) implements ImageSource {
  @Override
  public Descriptor resolve(String reference) throws IOException {
    return source.resolve(reference);
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return source.manifest(descriptor);
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    return new FilterInputStream(source.blob(descriptor)) {
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
          log.advanced(descriptor, n);
        }
      }
    };
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) throws IOException {
    return source.file(descriptor);
  }

  @Override
  public void verify(Descriptor descriptor) throws IOException {
    source.verify(descriptor);
  }

  @Override
  public int readers() {
    return source.readers();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    return source.referrers(subject);
  }

  @Override
  public ImageSource place() {
    return source.place();
  }

  @Override
  public String describe() {
    return source.describe();
  }
}
