package dev.mlo.oci;

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
    return new CountedInput(source.blob(descriptor), bytes -> log.advanced(descriptor, bytes));
  }

  @Override
  public Optional<InputStream> rest(Descriptor descriptor, long offset) throws IOException {
    Optional<InputStream> rest = source.rest(descriptor, offset);
    if (rest.isPresent() && offset > 0) {
      log.resumed(descriptor, offset);
    }
    return rest.map(in -> new CountedInput(in, bytes -> log.advanced(descriptor, bytes)));
  }

  @Override
  public void again(Descriptor descriptor, int attempt, DigestMismatchException failure)
      throws IOException {
    source.again(descriptor, attempt, failure);
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
