package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is sent under a tag no digest guards on its way.
class TaggingTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private RegistryStore store;
  private Descriptor image;

  @BeforeEach
  void push() throws IOException {
    registry = new FakeRegistry();
    store =
        new Registries(Registries.Options.of(Map.of()), new FakeTime())
            .open(registry.host(), "ml/iris");
    LayoutStore layout = LayoutStore.create(temp.resolve("layout"));
    byte[] bytes =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, new byte[] {'{', '}'}),
                List.of(),
                null,
                Map.of("note", "as it was written"))
            .write();
    image = Descriptor.of(MediaTypes.MANIFEST, bytes);
    store.manifest(image, bytes);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  /// Takes other bytes than were sent, as a registry does that gets them from a bad wire.
  private boolean garbled(HttpExchange exchange, String from, String to) throws IOException {
    String sent = new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1);
    return taken(exchange, "1.0.0", sent.replace(from, to).getBytes(ISO_8859_1));
  }

  private boolean taken(HttpExchange exchange, String tag) throws IOException {
    return taken(exchange, tag, exchange.getRequestBody().readAllBytes());
  }

  private boolean taken(HttpExchange exchange, String tag, byte[] stored) throws IOException {
    registry.manifests.put(tag, stored);
    exchange.getResponseHeaders().set("Docker-Content-Digest", Digest.sha256(stored).toString());
    FakeRegistry.answer(exchange, 201, new byte[0]);
    return true;
  }

  private void assertTagged() {
    assertThat(Digest.sha256(registry.manifest("1.0.0"))).isEqualTo(image.digest());
  }

  @Test
  void aTagThatWasGarbledOnTheWayIsSentAgain() throws IOException {
    registry.once("PUT", "/manifests/1.0.0", e -> garbled(e, "as it was", "as it is"));

    store.tag("1.0.0", image);

    assertTagged();
  }

  @Test
  void alsoWhenWhatArrivedIsNoManifestAnyMore() throws IOException {
    registry.once("PUT", "/manifests/1.0.0", e -> garbled(e, "\"config\"", "\"confix\""));

    store.tag("1.0.0", image);

    assertTagged();
  }

  @Test
  void aTagThatBecameAnotherOnTheWayIsGivenAgain() throws IOException {
    registry.once("PUT", "/manifests/1.0.0", e -> taken(e, "1.0.2"));

    store.tag("1.0.0", image);

    assertTagged();
  }

  @Test
  void aRegistryThatShowsATagLaterIsBelieved() throws IOException {
    registry.always("PUT", "/manifests/1.0.0", e -> taken(e, "1.0.0"));
    registry.always(
        "GET",
        "/manifests/1.0.0",
        e -> {
          FakeRegistry.answer(e, 404, new byte[0]);
          return true;
        });

    store.tag("1.0.0", image);

    assertTagged();
  }

  @Test
  void whatStandsThereAndIsNoManifestGoes() throws IOException {
    registry.manifests.put("1.0.0", "{\"schemaVersion\":2}".getBytes(ISO_8859_1));

    store.tag("1.0.0", image);

    assertTagged();
  }

  @Test
  void aWireThatGarblesAlwaysIsNamed() {
    registry.always("PUT", "/manifests/1.0.0", e -> garbled(e, "as it was", "as it is"));

    assertThatThrownBy(() -> store.tag("1.0.0", image))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining("other bytes on the way");
  }
}
