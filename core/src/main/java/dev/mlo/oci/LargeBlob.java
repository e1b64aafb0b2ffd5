package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A large blob on its way from a source that may break off. What has arrived stays when the rest
/// does not come, whatever ended the run, and the next run fetches the rest. All of it must have
/// the digest in the end; where it does not, nothing of it stays.
record LargeBlob(Descriptor descriptor, ImageSource source, Partials partials) {
  private static final int BUFFER = 1 << 20;

  /// Where whole blobs go.
  interface Shelf {
    /// @param whole the blob, on the disk and with the right digest; it is moved away from there.
    ///   Until then it has the name by which another run finds it, should this one end here
    void put(Path whole) throws IOException;
  }

  /// @return how many bytes came from the source now; empty where it gives no parts of blobs
  OptionalLong fetch(Shelf shelf) throws IOException {
    try (Partials.@Nullable Partial begun = partials.claim(descriptor.digest()).orElse(null)) {
      if (begun != null) {
        OptionalLong arrived = fill(begun, shelf);
        if (arrived.isPresent()) {
          return arrived;
        }
      }
    }
    Optional<InputStream> all = source.rest(descriptor, 0);
    if (all.isEmpty()) {
      return OptionalLong.empty();
    }
    try (InputStream in = all.get();
        Partials.Partial fresh = begin();
        BlobOutput out = output(fresh)) {
      return OptionalLong.of(fill(fresh, in, out, shelf));
    }
  }

  private Partials.Partial begin() throws IOException {
    try {
      return partials.fresh(descriptor.digest());
    } catch (IOException e) {
      throw StoreException.of("write to " + partials.directory(), e);
    }
  }

  /// The last byte is always fetched, so that there is something to ask for.
  private BlobOutput output(Partials.Partial partial) throws IOException {
    try {
      BlobFile file = BlobFile.resume(partial.file(), partial.channel(), descriptor.size() - 1);
      return BlobOutput.resume(file, partials.directory(), descriptor.digest().algorithm());
    } catch (IOException e) {
      throw StoreException.of("write to " + partials.directory(), e);
    }
  }

  /// @return empty when the source has no such part to give; then what had arrived is gone
  private OptionalLong fill(Partials.Partial begun, Shelf shelf) throws IOException {
    // What there is is read before the source is asked: it would not wait for us.
    try (BlobOutput out = output(begun)) {
      Optional<InputStream> rest =
          out.written() == 0 ? Optional.empty() : source.rest(descriptor, out.written());
      if (rest.isEmpty()) {
        Files.deleteIfExists(begun.file());
        return OptionalLong.empty();
      }
      try (InputStream in = rest.get()) {
        return OptionalLong.of(fill(begun, in, out, shelf));
      }
    }
  }

  private long fill(Partials.Partial partial, InputStream rest, BlobOutput out, Shelf shelf)
      throws IOException {
    boolean worthless = true;
    try {
      long arrived = transfer(rest, out, descriptor.size() - out.written());
      requireWhole(out.finish(), out.written());
      shelf.put(partial.file());
      return arrived;
    } catch (DigestMismatchException | StoreException e) {
      throw e;
    } catch (IOException e) {
      worthless = out.written() == 0;
      throw e;
    } finally {
      if (worthless) {
        Files.deleteIfExists(partial.file());
      }
    }
  }

  private long transfer(InputStream in, OutputStream out, long most) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    for (int n = in.read(buffer, 0, BUFFER); n >= 0; n = in.read(buffer, 0, BUFFER)) {
      total += n;
      if (total > most) {
        throw mismatch(
            "it is longer than the %d bytes it should have".formatted(descriptor.size()));
      }
      out.write(buffer, 0, n);
    }
    return total;
  }

  private void requireWhole(Digest found, long size) throws DigestMismatchException {
    if (size != descriptor.size()) {
      throw mismatch("it ends after %d of %d bytes".formatted(size, descriptor.size()));
    }
    if (!found.equals(descriptor.digest())) {
      throw mismatch("its bytes are those of " + found);
    }
  }

  private DigestMismatchException mismatch(String how) {
    return new DigestMismatchException(
        "%s in %s: %s".formatted(descriptor.digest(), source.describe(), how));
  }
}
