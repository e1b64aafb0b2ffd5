package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A large blob keeps the name by which the next run finds it until it has its own.
class LargeBlobTest {
  private static final int SIZE = 3 * BlobFile.BLOCK + 1000;

  @TempDir Path temp;
  private final byte[] bytes = new byte[SIZE];
  private final List<Long> offsets = new ArrayList<>();
  private LargeBlob blob;

  /// Gives a blob from any byte on, and notes from where it was asked for.
  private final class Source implements ImageSource {
    @Override
    public Optional<InputStream> rest(Descriptor descriptor, long offset) {
      offsets.add(offset);
      int from = Math.toIntExact(offset);
      return Optional.of(new ByteArrayInputStream(bytes, from, SIZE - from));
    }

    @Override
    public Descriptor resolve(String reference) {
      throw new AssertionError(reference);
    }

    @Override
    public byte[] manifest(Descriptor descriptor) {
      throw new AssertionError(descriptor);
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
      throw new AssertionError(descriptor);
    }

    @Override
    public Optional<Path> file(Descriptor descriptor) {
      return Optional.empty();
    }

    @Override
    public List<Descriptor> referrers(Digest subject) {
      return List.of();
    }

    @Override
    public String describe() {
      return "a source";
    }
  }

  @BeforeEach
  void describe() {
    new Random(1).nextBytes(bytes);
    Descriptor descriptor = Descriptor.of(MediaTypes.LAYER_TAR, Digest.sha256(bytes), SIZE);
    blob = new LargeBlob(descriptor, new Source(), new Partials(temp));
  }

  @Test
  void aRunThatEndsBeforeTheBlobHasItsNameLosesNoWholeBlock() throws IOException {
    assertThatThrownBy(() ->
            blob.fetch(whole -> {
              assertThat(whole).hasBinaryContent(bytes);
              throw new IOException("the run ends here");
            }))
        .hasMessage("the run ends here");

    Path shelf = temp.resolve("whole");
    OptionalLong arrived = blob.fetch(whole -> Files.move(whole, shelf));

    assertThat(arrived).hasValue(1000);
    assertThat(offsets).containsExactly(0L, 3L * BlobFile.BLOCK);
    assertThat(shelf).hasBinaryContent(bytes);
    try (var left = Files.list(temp)) {
      assertThat(left).containsExactly(shelf);
    }
  }
}
