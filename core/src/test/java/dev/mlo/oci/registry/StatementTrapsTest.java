package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.TarArchive;
import dev.mlo.oci.TarArchiveWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The traps in what is said of an image, referrers and the tags of cosign, that a copy meets, each
/// by the number it has in our field notes.
@Timeout(60)
class StatementTrapsTest {
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
  void trap9WhoeverIsFasterInAFallbackListIsNotLost() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("ml/iris"), "1.0.0");
    Descriptor mine = shelf.said(image, "mine");
    Descriptor theirs = shelf.said(image, "theirs");
    store("ml/iris").manifest(theirs, shelf.layout.manifest(theirs));
    String tag = "sha256-" + image.digest().hex();
    byte[] list = new Index(MediaTypes.INDEX, List.of(theirs.bare()), Map.of()).write();
    registry.once(
        "PUT",
        "/manifests/" + tag,
        exchange -> {
          registry.serve(exchange);
          registry.manifests.put(tag, list);
          return true;
        });
    copyStatement(mine);
    assertThat(store("ml/iris").referrers(image.digest()))
        .extracting(Descriptor::digest)
        .containsExactlyInAnyOrder(mine.digest(), theirs.digest());
  }

  private void copyStatement(Descriptor statement) throws IOException {
    RegistryStore store = store("ml/iris");
    for (Descriptor blob : Manifest.parse(shelf.layout.manifest(statement)).layers()) {
      store.blob(blob, shelf.layout);
    }
    store.referrer(statement, shelf.layout.manifest(statement));
  }

  @Test
  void trap9ARegistryThatComparesIsToldWhatWeSaw() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("ml/iris"), "1.0.0");
    Descriptor first = shelf.said(image, "first");
    Descriptor mine = shelf.said(image, "mine");
    Descriptor theirs = shelf.said(image, "theirs");
    copyStatement(first);
    store("ml/iris").manifest(theirs, shelf.layout.manifest(theirs));
    String tag = "sha256-" + image.digest().hex();
    byte[] list =
        new Index(MediaTypes.INDEX, List.of(first.bare(), theirs.bare()), Map.of()).write();
    var versions = new ArrayList<String>();
    registry.always(
        "GET",
        "/manifests/" + tag,
        exchange -> {
          String version = "\"" + Digest.sha256(registry.manifest(tag)).brief() + "\"";
          exchange.getResponseHeaders().add("ETag", version);
          return false;
        });
    registry.always(
        "PUT",
        "/manifests/" + tag,
        exchange -> {
          versions.add(exchange.getRequestHeaders().getFirst("If-Match"));
          if (versions.size() == 1) {
            registry.manifests.put(tag, list);
            return status(412, "").answers(exchange);
          }
          return false;
        });
    copyStatement(mine);
    assertThat(versions).hasSize(2).doesNotContainNull().doesNotHaveDuplicates();
    assertThat(store("ml/iris").referrers(image.digest()))
        .extracting(Descriptor::digest)
        .containsExactlyInAnyOrder(first.digest(), mine.digest(), theirs.digest());
  }

  @Test
  void trap10TheTagsOfCosignGoAlongForTheRootAndEveryChild() throws IOException {
    Descriptor child = shelf.image(shelf.layer("weights"));
    Descriptor root = shelf.index(child);
    shelf.push(root, store("dev/iris"), "1.0.0");
    String rootTag = "sha256-" + root.digest().hex() + ".sig";
    String childTag = "sha256-" + child.digest().hex() + ".att";
    Descriptor signature = shelf.image(shelf.layer("signature"));
    Descriptor attestation = shelf.image(shelf.layer("attestation"));
    shelf.push(signature, store("dev/iris"), rootTag);
    shelf.push(attestation, store("dev/iris"), childTag);

    Copy.copy(store("dev/iris"), root, other(), CopyLog.SILENT);
    assertThat(other().tags()).isEmpty();
    Path tar = temp.resolve("iris.tar");
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      Copy.copy(other(), root, writer, CopyLog.SILENT);
      writer.tag("iris:1.0.0", root);
      writer.finish();
    }
    try (FakeRegistry elsewhere = new FakeRegistry();
        TarArchive archive = TarArchive.open(tar)) {
      assertThat(archive.tags()).containsOnlyKeys("iris:1.0.0");
      RegistryStore prod = shelf.store(elsewhere, "prod/iris");
      Copy.copy(archive, root, prod, CopyLog.SILENT);
      assertThat(prod.resolve(rootTag).digest()).isEqualTo(signature.digest());
      assertThat(prod.resolve(childTag).digest()).isEqualTo(attestation.digest());
      List<String> puts = elsewhere.requests.stream().filter(r -> r.startsWith("PUT")).toList();
      assertThat(puts.getLast()).contains("/manifests/sha256-");
    }
  }

  @Test
  void trap10SignaturesOfTheTargetAreNotLost() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    String tag = "sha256-" + image.digest().hex() + ".sig";
    Descriptor one = shelf.layer("alice");
    Descriptor two = shelf.layer("bob");
    Descriptor alice = shelf.image(one);
    Descriptor both = shelf.image(one, two);
    Descriptor bob = shelf.image(two);
    shelf.push(image, store("dev/iris"), "1.0.0");
    shelf.push(alice, store("dev/iris"), tag);
    RegistryStore prod = store("prod/iris");
    Copy.copy(store("dev/iris"), image, prod, CopyLog.SILENT);
    assertThat(prod.resolve(tag).digest()).isEqualTo(alice.digest());

    registry.manifests.put(tag, shelf.layout.manifest(both));
    Copy.copy(shelf.layout, both, prod, CopyLog.SILENT);
    prod.attach(tag, alice);
    assertThat(prod.resolve(tag).digest()).isEqualTo(both.digest());

    registry.manifests.put(tag, shelf.layout.manifest(alice));
    prod.attach(tag, both);
    assertThat(prod.resolve(tag).digest()).isEqualTo(both.digest());

    registry.manifests.put(tag, shelf.layout.manifest(alice));
    Copy.copy(shelf.layout, bob, prod, CopyLog.SILENT);
    assertThatThrownBy(() -> prod.attach(tag, bob))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("other signatures");
    assertThat(prod.resolve(tag).digest()).isEqualTo(alice.digest());
  }

  @Test
  void trap11WhatIsSaidOfChildrenAndOfStatementsGoesAlong() throws IOException {
    Descriptor child = shelf.image(shelf.layer("weights"));
    Descriptor root = shelf.index(child);
    Descriptor tested = shelf.said(child, "tested");
    Descriptor signed = shelf.said(tested, "signed");
    Descriptor approved = shelf.said(root, "approved");
    shelf.push(root, store("dev/iris"), "1.0.0");
    Copy.Report report = Copy.copy(store("dev/iris"), root, other(), CopyLog.SILENT);
    assertThat(report.referrers()).isEqualTo(3);
    assertThat(other().referrers(child.digest())).hasSize(1);
    assertThat(other().referrers(tested.digest()).getFirst().digest()).isEqualTo(signed.digest());
    assertThat(other().referrers(root.digest()).getFirst().digest()).isEqualTo(approved.digest());
  }

  @Test
  void whatIsSaidIsListedAtOnceAndAMissingListOfTheRegistryAskedForOnce() throws IOException {
    registry.always("GET", "/referrers/", status(404, "404 page not found"));
    Descriptor image = shelf.image(shelf.layer("weights"));
    List<Digest> said = new ArrayList<>();
    for (String words : List.of("built", "tested", "scanned", "approved", "signed")) {
      said.add(shelf.said(image, words).digest());
    }
    String api = "GET /v2/ml/iris/referrers/";
    String list = " /v2/ml/iris/manifests/sha256-" + image.digest().hex();

    shelf.push(image, store("ml/iris"), "1.0.0");
    assertThat(store("ml/iris").referrers(image.digest()))
        .extracting(Descriptor::digest)
        .containsExactlyElementsOf(said);
    registry.requests.clear();
    assertThat(pushAgain(image)).isZero();
    assertThat(registry.count(api)).isEqualTo(1);
    assertThat(registry.requests).filteredOn(("GET" + list)::equals).hasSize(1);
    assertThat(registry.count("PUT")).isZero();

    registry.manifests.remove("sha256-" + image.digest().hex());
    registry.requests.clear();
    assertThat(pushAgain(image)).isZero();
    assertThat(registry.count(api)).isEqualTo(1);
    assertThat(registry.count("PUT" + list)).isEqualTo(1);
    assertThat(store("ml/iris").referrers(image.digest())).hasSameSizeAs(said);
  }

  private long pushAgain(Descriptor image) throws IOException {
    return Copy.copy(shelf.layout, image, store("ml/iris"), CopyLog.SILENT).bytesWritten();
  }

  @Test
  void aRepositoryThatIsNotThereYetSaysNothingOfTheListsOfItsRegistry() throws IOException {
    RegistryStore store = store("ml/iris");
    Descriptor image = shelf.image(shelf.layer("weights"));
    assertThat(store.referrers(image.digest())).isEmpty();
    assertThat(store.referrers(image.digest())).isEmpty();

    assertThat(registry.count("GET /v2/ml/iris/referrers/")).isEqualTo(2);
  }
}
