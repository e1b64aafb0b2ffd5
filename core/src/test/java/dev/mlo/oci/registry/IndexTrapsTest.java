package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Trap 4 of our field notes: an index is an image of many manifests, of which each is content.
@Timeout(60)
class IndexTrapsTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store(String repository) throws IOException {
    return shelf.store(registry, repository);
  }

  private LayoutStore other() throws IOException {
    return LayoutStore.create(temp.resolve("other"));
  }

  @Test
  void trap4AnIndexIsCopiedWithAllThatItLists() throws IOException {
    Descriptor amd = shelf.image(shelf.layer("amd64")).withPlatform(new Platform("linux", "amd64"));
    Descriptor arm = shelf.image(shelf.layer("arm64"));
    Descriptor notes = shelf.blob("text/markdown", "# notes");
    Descriptor nested = shelf.index(arm, arm, notes);
    Descriptor root = shelf.index(amd, nested, amd);
    Copy.Report sent = shelf.push(root, store("ml/iris"), "1.0.0");
    List<String> puts =
        registry.requests.stream()
            .filter(request -> request.startsWith("PUT /v2/ml/iris/manifests/"))
            .map(request -> request.substring(request.lastIndexOf('/') + 1))
            .toList();
    registry.requests.clear();
    Copy.Report back =
        Copy.copy(store("ml/iris"), store("ml/iris").resolve("1.0.0"), other(), CopyLog.SILENT);
    assertThat(sent.manifests()).isEqualTo(4);
    assertThat(back.manifests()).isEqualTo(4);
    assertThat(registry.blobs).containsKey(notes.digest().toString());
    for (Descriptor document : List.of(root, nested, amd, arm)) {
      byte[] bytes = shelf.layout.manifest(document);
      assertThat(registry.manifests.get(document.digest().toString())).isEqualTo(bytes);
      assertThat(other().manifest(document)).isEqualTo(bytes);
      // What is listed twice is asked for once.
      assertThat(registry.count("GET /v2/ml/iris/manifests/" + document.digest())).isEqualTo(1);
    }
    // Whatever is listed is there before what lists it, and the name comes last.
    assertThat(puts).endsWith("1.0.0").hasSize(5);
    assertThat(puts.indexOf(arm.digest().toString()))
        .isBetween(0, puts.indexOf(nested.digest().toString()));
    assertThat(puts.indexOf(nested.digest().toString()))
        .isLessThan(puts.indexOf(root.digest().toString()));
    assertThat(puts.indexOf(amd.digest().toString()))
        .isBetween(0, puts.indexOf(root.digest().toString()));
    for (Descriptor leaf : List.of(amd, arm)) {
      Copy.verify(other(), leaf, CopyLog.SILENT);
    }
    assertThat(other().has(notes)).isTrue();
    Copy.verify(other(), root, CopyLog.SILENT);
  }

  @Test
  void trap4AManifestThatIsAlsoListedAsABlobIsCopiedAsBoth() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    Descriptor asBlob = Descriptor.of("text/plain", image.digest(), image.size());
    Descriptor root = shelf.index(asBlob, image);
    shelf.push(root, store("ml/iris"), "1.0.0");
    assertThat(registry.manifests).containsKey(image.digest().toString());
    assertThat(registry.blobs).containsKey(image.digest().toString());
    Copy.copy(store("ml/iris"), root, other(), CopyLog.SILENT);
    Copy.verify(other(), root, CopyLog.SILENT);
  }

  @Test
  void trap4APlatformThatIsPromisedAndMissingEndsTheCopyBeforeItsName() throws IOException {
    Descriptor amd = shelf.image(shelf.layer("amd64")).withPlatform(new Platform("linux", "amd64"));
    Descriptor arm = shelf.image(shelf.layer("arm64")).withPlatform(new Platform("linux", "arm64"));
    Descriptor root = shelf.index(amd, arm);
    shelf.push(root, store("ml/iris"), "1.0.0");
    registry.manifests.remove(arm.digest().toString());
    assertThatThrownBy(() -> Copy.copy(store("ml/iris"), root, other(), CopyLog.SILENT))
        .isInstanceOf(NotFoundException.class)
        .hasMessageStartingWith("the image has no content for linux/arm64: cannot read");
    assertThat(other().has(amd)).isFalse();
    assertThat(other().has(root)).isFalse();
    assertThat(other().tags()).isEmpty();

    // The same at the other end: nothing is sent of an image that is not whole.
    try (FakeRegistry elsewhere = new FakeRegistry()) {
      RegistryStore target = shelf.store(elsewhere, "ml/iris");
      assertThatThrownBy(() -> Copy.copy(store("ml/iris"), root, target, CopyLog.SILENT))
          .isInstanceOf(NotFoundException.class);
      assertThat(elsewhere.manifests).isEmpty();
      assertThat(elsewhere.count("PUT")).isZero();
    }
  }

  @Test
  void trap4ContentCarriedInItsDescriptorMustBeThatContent() throws IOException {
    Descriptor config = shelf.blob(MediaTypes.CONFIG, "{}");
    for (String data : List.of("e30=", "e30K", "W10=", "?")) {
      byte[] bytes =
          """
          {"schemaVersion":2,"mediaType":"%s","layers":[],
           "config":{"mediaType":"%s","digest":"%s","size":2,"data":"%s"}}
          """
              .formatted(MediaTypes.MANIFEST, MediaTypes.CONFIG, config.digest(), data)
              .getBytes(UTF_8);
      Descriptor image = shelf.put(MediaTypes.MANIFEST, bytes);
      if (data.equals("e30=")) {
        shelf.push(image, store("ml/iris"), "1.0.0");
        assertThat(registry.manifests.get("1.0.0")).isEqualTo(bytes);
      } else {
        assertThatThrownBy(() -> Copy.copy(shelf.layout, image, store("ml/x"), CopyLog.SILENT))
            .isInstanceOf(DocumentException.class)
            .hasMessageContaining("`data`");
      }
    }
  }

  @Test
  void trap4TenThousandIndexesInOneAnotherAreNotFollowed() throws IOException {
    Descriptor at = shelf.image(shelf.layer("weights"));
    shelf.push(at, store("ml/iris"), "1.0.0");
    for (int depth = 0; depth < 10_000; depth++) {
      byte[] bytes = new Index(MediaTypes.INDEX, List.of(at.bare()), Map.of()).write();
      at = Descriptor.of(MediaTypes.INDEX, bytes);
      registry.manifests.put(at.digest().toString(), bytes);
      registry.types.put(at.digest().toString(), MediaTypes.INDEX);
    }
    registry.requests.clear();
    Descriptor root = at;
    assertThatThrownBy(() -> Copy.copy(store("ml/iris"), root, other(), CopyLog.SILENT))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("32 indexes deep");
    assertThat(registry.requests).hasSizeLessThan(40);
  }
}
