package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An OCI image layout: a directory that holds images by digest and a list of names (OCI image
/// specification, "Image Layout"). Safe for several processes and for a crash at any instant.
public final class LayoutStore implements ImageSource, ImageTarget {
  private LayoutStore() {}

  /// Opens a layout, creating it when it does not exist.
  ///
  /// @throws StoreException when the directory exists and is something else, or cannot be written
  public static LayoutStore create(Path directory) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Opens a layout that must exist.
  ///
  /// @throws NotFoundException when there is none
  public static LayoutStore open(Path directory) throws IOException {
    throw new UnsupportedOperationException();
  }

  public Path directory() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// All names and what they point at, sorted by name.
  public Map<String, Descriptor> tags() throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public long blob(Descriptor descriptor, ImageSource source) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Writes a small blob from memory.
  public Descriptor blob(String mediaType, byte[] bytes) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Writes a blob whose digest is known only once its bytes are made: hashed while it is written
  /// to a temporary file, then given its name.
  public Descriptor blob(String mediaType, BlobWriter writer) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void manifest(Descriptor descriptor, byte[] bytes) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Writes an artifact that speaks of a subject and lists it in `index.json` without a name, so
  /// that it is found as a referrer.
  public void referrer(Descriptor descriptor, byte[] manifest) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void tag(String name, Descriptor descriptor) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Points a name at a manifest if it still points where the caller saw it point.
  ///
  /// @param expected the digest the name must have now; `null`: it must not exist
  /// @throws ConflictException when it points elsewhere
  public void tag(String name, Descriptor descriptor, @Nullable Digest expected)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public String describe() {
    throw new UnsupportedOperationException();
  }
}
