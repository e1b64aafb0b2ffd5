package dev.mlo.cli.docker;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An image without what is said of it: an engine has no place for that.
record WithoutStatements(ImageSource source) implements ImageSource {
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
  public Optional<Path> file(Descriptor descriptor) throws IOException {
    return source.file(descriptor);
  }

  @Override
  public void verify(Descriptor descriptor) throws IOException {
    source.verify(descriptor);
  }

  @Override
  public List<Descriptor> referrers(Digest subject) {
    return List.of();
  }

  @Override
  public String describe() {
    return source.describe();
  }
}
