package dev.mlo.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceTest {
  private static final Digest SUBJECT = Digest.sha256(new byte[] {1});

  @TempDir Path directory;
  private LayoutStore store;
  private Descriptor image;

  @BeforeEach
  void prepare() throws IOException {
    store = LayoutStore.create(directory);
    Descriptor config = store.blob(MediaTypes.CONFIG, "{}".getBytes(StandardCharsets.UTF_8));
    byte[] manifest =
        new Manifest(MediaTypes.MANIFEST, null, config, List.of(), null, Map.of()).write();
    image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(image, manifest);
    store.tag("m:1", image);
  }

  private Attachment.Attached provenance(String commit, String committed) throws IOException {
    var predicate = Json.object();
    predicate
        .putObject("buildDefinition")
        .putArray("resolvedDependencies")
        .addObject()
        .put("name", "source")
        .putObject("digest")
        .put("gitCommit", commit);
    byte[] statement = new Statement("m", image.digest(), Provenance.PREDICATE, predicate).write();
    return Attachment.attach(
        store,
        image,
        MediaTypes.IN_TOTO,
        store.blob(MediaTypes.IN_TOTO, statement),
        Map.of(Statement.PREDICATE_TYPE, Provenance.PREDICATE, Provenance.COMMITTED, committed));
  }

  private Provenance newest() throws IOException {
    Evidence found =
        Evidence.newest(Evidence.of(store, image.digest()), Evidence.Kind.PROVENANCE).orElseThrow();
    return Provenance.parse(found.document(store), image.digest());
  }

  @Test
  void sayingTheSameAgainChangesNothing() throws IOException {
    assertThat(provenance("aa", "2026-01-01T00:00:00Z").added()).isTrue();
    assertThat(provenance("aa", "2026-01-01T00:00:00Z").added()).isFalse();
    assertThat(Evidence.of(store, image.digest())).hasSize(1);
  }

  @Test
  void theNewestCommitCountsHoweverLateAnOlderOneWasBuilt() throws IOException {
    provenance("aa", "2026-01-02T00:00:00Z");
    provenance("bb", "2026-01-01T00:00:00Z");
    assertThat(newest().commit()).isEqualTo("aa");

    provenance("cc", "2026-01-02T00:00:00Z");
    assertThat(newest().commit()).as("of two at the same time, the last").isEqualTo("cc");
  }

  @Test
  void anotherKindOfArtifactIsNamedAndNotRead() throws IOException {
    Attachment.attach(
        store, image, "application/vnd.example", store.blob("text/plain", new byte[9]), Map.of());
    assertThat(Evidence.of(store, image.digest()))
        .singleElement()
        .extracting(Evidence::kind)
        .isEqualTo(Evidence.Kind.OTHER);
  }

  @Test
  void aStatementAboutSomethingElseIsRefused() {
    byte[] other = new Statement("m", SUBJECT, Provenance.PREDICATE, Json.object()).write();
    assertThatThrownBy(() -> Provenance.parse(other, image.digest()))
        .isInstanceOf(DocumentException.class);
  }

  @Test
  void aStatementIsReadAsItWasWritten() throws DocumentException {
    Statement statement =
        new Statement("m", SUBJECT, Provenance.PREDICATE, Json.object().put("a", 1));
    assertThat(Statement.parse(statement.write())).isEqualTo(statement);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[1]",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[],\"predicateType\":\"x\",\"predicate\":{}}",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\"zz\"}}],\"predicateType\":\"x\",\"predicate\":{}}",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"md5\":\"00\"}}],\"predicateType\":\"x\",\"predicate\":{}}",
        "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[{\"digest\":{}}],\"predicateType\":\"x\",\"predicate\":{}}"
      })
  void whatIsNoStatementIsRefused(String text) {
    assertThatThrownBy(() -> Statement.parse(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DocumentException.class);
  }

  @Test
  void aSerialNumberStandsForTheContent() throws DocumentException {
    byte[] one = BillOfMaterials.write(BillOfMaterials.begin().put("x", 1));
    byte[] two = BillOfMaterials.write(BillOfMaterials.begin().put("x", 2));
    assertThat(BillOfMaterials.write(BillOfMaterials.begin().put("x", 1))).isEqualTo(one);
    assertThat(BillOfMaterials.link(one))
        .matches("urn:cdx:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/1")
        .isNotEqualTo(BillOfMaterials.link(two));
  }
}
