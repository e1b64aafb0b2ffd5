package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyTest {
  @TempDir Path temp;
  private LayoutStore from;
  private LayoutStore to;

  @BeforeEach
  void layouts() throws IOException {
    from = LayoutStore.create(temp.resolve("from"));
    to = LayoutStore.create(temp.resolve("to"));
  }

  @Test
  void anImageArrivesWithItsReferrersAndTheirReferrers() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Descriptor result = Fixtures.referrer(from, image, "it works");
    Descriptor signature = Fixtures.referrer(from, result, "I saw it");

    Copy.Report report = Copy.copy(from, image, to, CopyLog.SILENT);

    assertThat(to.tags()).isEmpty();
    assertThat(to.manifest(image)).isEqualTo(from.manifest(image));
    assertThat(digests(to.referrers(image.digest()))).containsExactly(result.digest());
    assertThat(digests(to.referrers(result.digest()))).containsExactly(signature.digest());
    assertThat(report.manifests()).isEqualTo(1);
    assertThat(report.referrers()).isEqualTo(2);
    assertThat(report.blobs()).isEqualTo(5);
  }

  @Test
  void blobsAreLinkedAndOnlyManifestsAreWritten() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Copy.Report report = Copy.copy(from, image, to, CopyLog.SILENT);

    Descriptor layer = Manifest.parse(from.manifest(image)).layers().getFirst();
    assertThat(Files.isSameFile(from.file(layer).orElseThrow(), to.file(layer).orElseThrow()))
        .isTrue();
    assertThat(report.blobsReused()).isEqualTo(report.blobs());
    assertThat(report.bytesWritten()).isEqualTo(image.size());

    Copy.Report again = Copy.copy(from, image, to, CopyLog.SILENT);
    assertThat(again.bytesWritten()).isZero();
    assertThat(again.bytes()).isEqualTo(report.bytes());
  }

  @Test
  void whereNoLinkIsPossibleBytesAreCopied() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Copy.Report report = Copy.copy(new WithoutFiles(from), image, to, CopyLog.SILENT);

    Descriptor layer = Manifest.parse(from.manifest(image)).layers().getFirst();
    assertThat(Files.isSameFile(from.file(layer).orElseThrow(), to.file(layer).orElseThrow()))
        .isFalse();
    assertThat(report.bytesWritten()).isEqualTo(report.bytes());
    assertThat(report.blobsReused()).isZero();
    to.verify(layer);
  }

  @Test
  void oddWhitespaceUnknownFieldsAndStrangeCharactersStayByteForByte() throws IOException {
    Descriptor image = Fixtures.image(from, "weights");
    Manifest parsed = Manifest.parse(from.manifest(image));
    byte[] odd =
        """
        {  "zebra" : {"b":1,"a":[1.50,2e3]},
        \t"layers":[ %s ],
          "config" :%s, "schemaVersion":2, "annotations":{"é":"\\u00fc"}
        }

        """
            .formatted(parsed.layers().getFirst().json(), parsed.config().json())
            .getBytes(UTF_8);
    Descriptor root = Fixtures.put(from, MediaTypes.MANIFEST, odd);

    Copy.copy(from, root, to, CopyLog.SILENT);
    to.tag("odd", root);

    assertThat(to.manifest(to.resolve("odd"))).isEqualTo(odd);
  }

  @Test
  void anIndexBringsItsChildrenAndTheirReferrers() throws IOException {
    Descriptor one = Fixtures.image(from, "amd64 weights");
    Descriptor two = Fixtures.image(from, "arm64 weights");
    Descriptor nested = index(one);
    Descriptor root = index(nested, two);
    Descriptor aboutChild = Fixtures.referrer(from, two, "good");

    Copy.Report report = Copy.copy(from, root, to, CopyLog.SILENT);

    assertThat(report.manifests()).isEqualTo(4);
    for (Descriptor document : List.of(root, nested, one, two)) {
      assertThat(to.manifest(document)).isEqualTo(from.manifest(document));
    }
    assertThat(digests(to.referrers(two.digest()))).containsExactly(aboutChild.digest());
  }

  @Test
  void contentIsThereBeforeWhateverNamesIt() throws IOException {
    Descriptor one = Fixtures.image(from, "weights");
    Descriptor root = index(one);
    Descriptor said = Fixtures.referrer(from, root, "good");
    var order = new ArrayList<Digest>();

    Copy.copy(from, root, new Recording(order), CopyLog.SILENT);

    Manifest manifest = Manifest.parse(from.manifest(one));
    assertThat(order)
        .containsSubsequence(manifest.config().digest(), one.digest(), root.digest(), said.digest())
        .containsSubsequence(
            manifest.layers().getFirst().digest(), one.digest(), root.digest(), said.digest());
  }

  @Test
  void aMissingLayerStopsTheCopyBeforeTheManifest() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Descriptor layer = Manifest.parse(from.manifest(image)).layers().getFirst();
    Files.delete(from.file(layer).orElseThrow());

    assertThatThrownBy(() -> Copy.copy(from, image, to, CopyLog.SILENT))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(layer.digest().hex());
    assertThat(to.has(image)).isFalse();
  }

  @Test
  void aDamagedLayerIsNotLinked() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Descriptor layer = Manifest.parse(from.manifest(image)).layers().getFirst();
    Fixtures.overwrite(from.file(layer).orElseThrow(), "wEights".getBytes(UTF_8));

    assertThatThrownBy(() -> Copy.copy(from, image, to, CopyLog.SILENT))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining(layer.digest().hex());
    assertThat(to.has(layer)).isFalse();
    assertThatThrownBy(() -> Copy.verify(from, image, CopyLog.SILENT))
        .isInstanceOf(DigestMismatchException.class);
  }

  @Test
  void aTruncatedBlobAtTheTargetIsReplaced() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Descriptor layer = Manifest.parse(from.manifest(image)).layers().getFirst();
    Copy.copy(new WithoutFiles(from), image, to, CopyLog.SILENT);
    Fixtures.overwrite(to.file(layer).orElseThrow(), "wei".getBytes(UTF_8));

    Copy.copy(from, image, to, CopyLog.SILENT);

    Copy.verify(to, image, CopyLog.SILENT);
  }

  @Test
  void aDocumentThatIsNotWhatItIsCalledIsRefused() throws IOException {
    Descriptor image = Fixtures.image(from, "weights");
    byte[] bytes = from.manifest(image);
    Descriptor lie = Descriptor.of(MediaTypes.INDEX, bytes);
    assertThatThrownBy(() -> Copy.copy(from, lie, to, CopyLog.SILENT))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("calls itself");
  }

  @Test
  void indexesNestedWithoutEndAreRefused() throws IOException {
    Descriptor at = Fixtures.image(from, "weights");
    for (int i = 0; i < 40; i++) {
      at = index(at);
    }
    Descriptor root = at;
    assertThatThrownBy(() -> Copy.copy(from, root, to, CopyLog.SILENT))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("deep");
  }

  @Test
  void oneDigestWithTwoSizesIsRefused() throws IOException {
    Descriptor image = Fixtures.image(from, "weights");
    Manifest parsed = Manifest.parse(from.manifest(image));
    Descriptor layer = parsed.layers().getFirst();
    Descriptor other = Descriptor.of(layer.mediaType(), layer.digest(), layer.size() + 1);
    Manifest two =
        new Manifest(
            MediaTypes.MANIFEST, null, parsed.config(), List.of(layer, other), null, Map.of());
    Descriptor root = Fixtures.put(from, MediaTypes.MANIFEST, two.write());
    assertThatThrownBy(() -> Copy.copy(from, root, to, CopyLog.SILENT))
        .isInstanceOf(DocumentException.class);
  }

  @Test
  void aPlanWritesNothingAndTellsWhatIsMissing() throws IOException {
    Descriptor image = Fixtures.image(from, "iris:1.0.0", "weights");
    Copy.Report plan = Copy.plan(from, image, to::has);
    assertThat(plan.bytesWritten()).isEqualTo(plan.bytes());
    assertThat(to.has(image)).isFalse();
  }

  private Descriptor index(Descriptor... children) throws IOException {
    byte[] bytes = new Index(MediaTypes.INDEX, List.of(children), Map.of()).write();
    return Fixtures.put(from, MediaTypes.INDEX, bytes);
  }

  private static List<Digest> digests(List<Descriptor> descriptors) {
    return descriptors.stream().map(Descriptor::digest).toList();
  }

  /// Writes down what comes, in order.
  private record Recording(List<Digest> order) implements ImageTarget {
    @Override
    public boolean has(Descriptor descriptor) {
      return false;
    }

    @Override
    public long blob(Descriptor descriptor, ImageSource source) {
      order.add(descriptor.digest());
      return descriptor.size();
    }

    @Override
    public long manifest(Descriptor descriptor, byte[] bytes) {
      order.add(descriptor.digest());
      return bytes.length;
    }

    @Override
    public long referrers(Collection<Document> artifacts) {
      artifacts.forEach(artifact -> order.add(artifact.descriptor().digest()));
      return 0;
    }

    @Override
    public void attach(String tag, Descriptor artifact) {
      order.add(artifact.digest());
    }

    @Override
    public void tag(String name, Descriptor descriptor) {
      throw new AssertionError("a copy sets no names");
    }

    @Override
    public String describe() {
      return "recording";
    }
  }
}
