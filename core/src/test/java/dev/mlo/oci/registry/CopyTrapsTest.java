package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.TarArchiveWriter;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The traps that a copy between registries meets, each by the number it has in our field notes.
/// Those of a single request are in [RegistryTrapsTest], those in what is said of an image in
/// [StatementTrapsTest].
@Timeout(60)
class CopyTrapsTest {
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
  void trap3ATagIsLookedUpOnceAndMayMoveMeanwhile() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    Descriptor next = shelf.image(shelf.layer("other weights"));
    shelf.push(image, store("ml/iris"), "1.0.0");
    registry.requests.clear();
    RegistryStore from = store("ml/iris");
    Descriptor found = from.resolve("1.0.0");
    registry.manifests.put("1.0.0", shelf.layout.manifest(next));
    Copy.copy(from, found, other(), CopyLog.SILENT);
    assertThat(registry.requests).filteredOn(r -> r.endsWith("/manifests/1.0.0")).hasSize(1);
    Copy.verify(other(), image, CopyLog.SILENT);
  }

  @Test
  void trap13AMountAsksForTheRightToReadThereAndToWriteHere() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("dev/iris"), "1.0.0");
    registry.always("HEAD", "/v2/prod/iris/blobs/", status(404, ""));
    try (FakeTokenServer tokens = new FakeTokenServer()) {
      registry.faults.add(exchange ->
          !exchange.getRequestHeaders().containsKey("Authorization")
              && status(401, "", "WWW-Authenticate", tokens.challenge("")).answers(exchange));
      Copy.Report report = Copy.copy(store("dev/iris"), image, store("prod/iris"), CopyLog.SILENT);
      assertThat(report.blobsReused()).isEqualTo(2);
      assertThat(tokens.asked)
          .anySatisfy(asked ->
              assertThat(asked.parameters())
                  .contains(
                      "scope=repository:dev/iris:pull", "scope=repository:prod/iris:pull,push"));
    }
  }

  @Test
  void trap20ATokenThatExpiresInTheMiddleOfAnUploadIsReplaced() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    try (FakeTokenServer tokens = new FakeTokenServer()) {
      registry.faults.add(exchange -> {
        String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        boolean late = exchange.getRequestMethod().equals("PUT") && sent.equals("Bearer token-1");
        return (late || !sent.startsWith("Bearer"))
            && status(401, "", "WWW-Authenticate", tokens.challenge("")).answers(exchange);
      });
      shelf.push(image, store("ml/iris"), "1.0.0");
    }
    assertThat(registry.manifests).containsKey("1.0.0");
  }

  @Test
  void trap20ATokenThatLivesForOneRequestOnlyIsReplacedEachTime() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("ml/iris"), "1.0.0");
    RegistryStore store = store("ml/iris");
    Set<String> used = ConcurrentHashMap.newKeySet();
    try (FakeTokenServer tokens = new FakeTokenServer()) {
      registry.faults.add(exchange -> {
        String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        return (!sent.startsWith("Bearer") || !used.add(sent))
            && status(401, "", "WWW-Authenticate", tokens.challenge("")).answers(exchange);
      });
      for (int i = 0; i < 5; i++) {
        assertThat(store.resolve("1.0.0").digest()).isEqualTo(image.digest());
      }
    }
    assertThat(used).hasSize(5);
  }

  @Test
  void trap24ATagThatMayNotMoveIsToldAsSuch() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    Descriptor next = shelf.image(shelf.layer("other weights"));
    shelf.push(image, store("ml/iris"), "prod");
    registry.always(
        "PUT",
        "/manifests/prod",
        status(400, "{\"errors\":[{\"code\":\"TAG_INVALID\",\"message\":\"it is immutable\"}]}"));
    assertThatThrownBy(() -> shelf.push(next, store("ml/iris"), "prod"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("the registry does not let this tag move: it is immutable");
    assertThat(store("ml/iris").resolve("prod").digest()).isEqualTo(image.digest());
  }

  @Test
  void trap24ARegistryThatIsOutOfOrderIsNotTakenForOneWhoseTagsDoNotMove() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    Descriptor next = shelf.image(shelf.layer("other weights"));
    shelf.push(image, store("ml/iris"), "prod");
    registry.always("PUT", "/manifests/prod", status(503, ""));
    assertThatThrownBy(() -> shelf.push(next, store("ml/iris"), "prod"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("503");
  }

  @Test
  void trap25ARepositoryThatMustBeMadeFirstIsNamed() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    registry.always(
        "POST",
        "/blobs/uploads/",
        status(
            404,
            "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no repository ml/iris\"}]}"));
    assertThatThrownBy(() -> shelf.push(image, store("ml/iris"), "1.0.0"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("cannot push to " + registry.host() + "/ml/iris")
        .hasMessageContaining("the repository does not exist")
        .hasMessageContaining("create it first");
  }

  @Test
  void trap28TheNameIsGivenRightAfterEverythingIsThere() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    Descriptor said = shelf.said(image, "tested");
    shelf.push(image, store("ml/iris"), "1.0.0");
    List<String> puts =
        registry.requests.stream().filter(r -> r.startsWith("PUT /v2/ml/iris/manifests/")).toList();
    assertThat(puts)
        .containsExactly(
            "PUT /v2/ml/iris/manifests/" + image.digest(),
            "PUT /v2/ml/iris/manifests/" + said.digest(),
            "PUT /v2/ml/iris/manifests/sha256-" + image.digest().hex(),
            "PUT /v2/ml/iris/manifests/1.0.0");
  }

  @Test
  void trap29ALayerThatIsNotOursToGiveAwayStaysAndIsNamed() throws IOException {
    String type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    byte[] bytes =
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[
         {"mediaType":"%s","digest":"sha256:%s","size":99,"urls":["https://files.example/base"]},
         %s]}
        """
            .formatted(
                MediaTypes.MANIFEST,
                shelf.blob(MediaTypes.CONFIG, "{}").json(),
                type,
                "ab".repeat(32),
                shelf.layer("weights").json())
            .getBytes(UTF_8);
    Descriptor image = shelf.put(MediaTypes.MANIFEST, bytes);
    var left = new ArrayList<String>();
    Copy.Report report =
        Copy.copy(
            shelf.layout,
            image,
            store("ml/iris"),
            new CopyLog() {
              @Override
              public void planned(long blobs, long bytes) {}

              @Override
              public void moved(Descriptor blob, long bytes) {}

              @Override
              public void left(Descriptor layer) {
                left.add(layer.digest().hex());
              }
            });
    assertThat(left).containsExactly("ab".repeat(32));
    assertThat(report.blobs()).isEqualTo(2);
    assertThat(registry.manifests.get(image.digest().toString())).isEqualTo(bytes);

    Path tar = temp.resolve("iris.tar");
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      assertThatThrownBy(() -> Copy.copy(shelf.layout, image, writer, CopyLog.SILENT))
          .isInstanceOf(DocumentException.class)
          .hasMessageContaining("may not be given away");
    }
    assertThat(Files.exists(tar)).isFalse();
  }

  private static Descriptor sha512(String mediaType, byte[] bytes) {
    Digest digest = Digest.of("sha512", Digest.hasher("sha512").digest(bytes));
    return Descriptor.of(mediaType, digest, bytes.length);
  }

  @Test
  void traps30And36AnImageOfLongDigestsKeepsThem() throws IOException {
    byte[] weights = "weights".getBytes(UTF_8);
    Descriptor layer = sha512(MediaTypes.LAYER_TAR, weights);
    registry.blobs.put(layer.digest().toString(), weights);
    shelf.layout.blob(layer, store("dev/iris"));
    byte[] bytes =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                shelf.blob(MediaTypes.CONFIG, "{}"),
                List.of(layer),
                null,
                Map.of())
            .write();
    Descriptor image = sha512(MediaTypes.MANIFEST, bytes);
    shelf.layout.manifest(image, bytes);
    Descriptor said = shelf.said(image, "tested");
    registry.blobs.clear();
    registry.requests.clear();

    RegistryStore store = store("ml/iris");
    Copy.copy(shelf.layout, image, store, CopyLog.SILENT);
    assertThat(registry.requests)
        .contains("POST /v2/ml/iris/blobs/uploads/?digest-algorithm=sha512");
    assertThat(registry.blobs).containsKey(layer.digest().toString());
    assertThat(registry.manifests).containsKey("sha512-" + image.digest().hex().substring(0, 64));
    assertThat(store.referrers(image.digest()).getFirst().digest()).isEqualTo(said.digest());

    assertThatThrownBy(() -> store.tag("1.0.0", image))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("gives no tags to manifests with a sha512 digest");
    assertThat(registry.manifests).doesNotContainKey("1.0.0");
    registry.always(
        "PUT",
        "?tag=1.0.0",
        exchange -> {
          exchange.getResponseHeaders().add("OCI-Tag", "latest, 1.0.0");
          return false;
        });
    store.tag("1.0.0", image);
    assertThat(registry.requests.getLast())
        .isEqualTo("PUT /v2/ml/iris/manifests/%s?tag=1.0.0".formatted(image.digest()));
  }

  @Test
  void trap30AnAlgorithmThatNobodyKnowsIsRefused() throws IOException {
    String text =
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"md5:00\",\"size\":1}}";
    Descriptor image = shelf.put(MediaTypes.MANIFEST, text.getBytes(UTF_8));
    assertThatThrownBy(() -> Copy.copy(shelf.layout, image, store("ml/iris"), CopyLog.SILENT))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("md5");
  }

  @Test
  void trap35ATagIsAskedOfTheRegistryThatWasNamedAndOfNoCache() throws IOException {
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("ml/iris"), "prod");
    var caches = new ArrayList<String>();
    registry.always(
        "GET",
        "/manifests/prod",
        exchange -> {
          caches.add(exchange.getRequestHeaders().getFirst("Cache-Control"));
          return false;
        });
    store("ml/iris").resolve("prod");
    assertThat(caches).containsExactly("no-cache");
  }

  @Test
  void trap38UploadsAskForNoHttp2AndWaitForNoLeave() throws IOException {
    var said = new ArrayList<String>();
    var bodies = new ArrayList<String>();
    registry.faults.add(exchange -> {
      said.add(exchange.getProtocol());
      for (String header : List.of("Upgrade", "HTTP2-Settings", "Expect")) {
        said.addAll(exchange.getRequestHeaders().getOrDefault(header, List.of()));
      }
      if (exchange.getRequestMethod().equals("PUT")) {
        bodies.add(exchange.getRequestHeaders().getFirst("Content-Length"));
      }
      return false;
    });
    Descriptor layer = shelf.layer("w".repeat(3 << 20));
    shelf.push(shelf.image(layer), store("ml/iris"), "1.0.0");
    assertThat(bodies).contains(String.valueOf(3 << 20));
    assertThat(said).containsOnly("HTTP/1.1");
  }

  /// A load balancer that lets go of a connection in the middle of an upload, as a GOAWAY does,
  /// ends the one upload that goes over it, and that one goes on.
  @Test
  void trap38AConnectionThatEndsTakesOneUploadWithItOnly() throws IOException {
    Descriptor first = shelf.layer("a".repeat(1 << 20));
    Descriptor second = shelf.layer("b".repeat(1 << 20));
    Descriptor image = shelf.image(first, second);
    var connections = new ConcurrentHashMap<String, Integer>();
    var meeting = new CyclicBarrier(2);
    registry.faults.add(exchange -> {
      boolean upload =
          exchange.getRequestMethod().equals("PUT")
              && exchange.getRequestURI().getPath().contains("/blobs/uploads/")
              && exchange.getRequestHeaders().getFirst("Content-Length").equals("" + (1 << 20));
      String digest =
          String.valueOf(exchange.getRequestURI().getQuery()).replaceFirst(".*digest=", "");
      if (!upload
          || connections.putIfAbsent(digest, exchange.getRemoteAddress().getPort()) != null) {
        return false;
      }
      try {
        meeting.await(20, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new IOException(e);
      }
      if (digest.contains(first.digest().hex())) {
        exchange.getRequestBody().readNBytes(1 << 10);
        exchange.close();
        return true;
      }
      return false;
    });
    shelf.push(image, store("ml/iris"), "1.0.0");
    assertThat(connections).hasSize(2);
    assertThat(connections.values()).doesNotHaveDuplicates();
    assertThat(registry.blobs).containsKeys(first.digest().toString(), second.digest().toString());
    long sent =
        registry.requests.stream()
            .filter(
                request -> request.startsWith("PUT ") && request.contains(second.digest().hex()))
            .count();
    assertThat(sent).as("what was not cut off is sent once").isEqualTo(1);
  }
}
