package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A source on another disk: its blobs can be read, but not linked.
record WithoutFiles(ImageSource source) implements ImageSource {
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
    return source.blob(descriptor);
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) {
    return Optional.empty();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    return source.referrers(subject);
  }

  @Override
  public String describe() {
    return source.describe();
  }
}
