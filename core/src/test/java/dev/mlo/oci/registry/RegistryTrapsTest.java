package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What registries are known to do, each by the number it has in our field notes.
class RegistryTrapsTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private LayoutStore layout;
  private Descriptor image;
  private Descriptor layer;
  private final FakeTime time = new FakeTime();

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    layout = LayoutStore.create(temp.resolve("layout"));
    byte[] weights = new byte[9 << 20];
    Arrays.fill(weights, (byte) 7);
    layer = layout.blob(MediaTypes.LAYER_TAR, weights);
    Descriptor config = layout.blob(MediaTypes.CONFIG, "{}".getBytes(UTF_8));
    image = manifest(config, List.of(layer), null);
  }

  private Descriptor manifest(
      Descriptor config, List<Descriptor> layers, @Nullable Descriptor subject) throws IOException {
    byte[] bytes =
        new Manifest(MediaTypes.MANIFEST, null, config, layers, subject, Map.of()).write();
    // Not as we would write it: the bytes are the identity.
    bytes = (new String(bytes, UTF_8) + "\n ").getBytes(UTF_8);
    Descriptor descriptor = Descriptor.of(MediaTypes.MANIFEST, bytes);
    layout.manifest(descriptor, bytes);
    return descriptor;
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store(String repository) throws IOException {
    return store(repository, Duration.ofSeconds(10));
  }

  /// @param silence how long the registry may say nothing; short where that is what is tested
  private RegistryStore store(String repository, Duration silence) throws IOException {
    var options =
        new Registries.Options(
            Map.of(),
            Set.of(),
            Set.of(),
            List.of(),
            temp.resolve("uploads"),
            new Patience(Duration.ofSeconds(2), silence, 4),
            RegistryLog.SILENT);
    return new Registries(options, time).open(registry.host(), repository);
  }

  private Copy.Report push(RegistryStore store) throws IOException {
    Copy.Report report = Copy.copy(layout, image, store, CopyLog.SILENT);
    store.tag("1.0.0", image);
    return report;
  }

  @Test
  void trap1TheBytesOfAManifestStayAsTheyAre() throws IOException {
    push(store("ml/iris"));
    assertThat(registry.manifests.get("1.0.0")).isEqualTo(layout.manifest(image));
    assertThat(store("ml/iris").resolve("1.0.0").digest()).isEqualTo(image.digest());
  }

  @Test
  void trap2AMediaTypeThatTheDocumentDeniesIsRefused() throws IOException {
    push(store("ml/iris"));
    registry.types.put("1.0.0", MediaTypes.INDEX);
    assertThatThrownBy(() -> store("ml/iris").resolve("1.0.0"))
        .isInstanceOf(DocumentException.class);
  }

  @Test
  void trap5NothingIsNamedBeforeEverythingIsThere() throws IOException {
    push(store("ml/iris"));
    List<String> puts = registry.requests.stream().filter(r -> r.startsWith("PUT")).toList();
    assertThat(puts.getLast()).isEqualTo("PUT /v2/ml/iris/manifests/1.0.0");
    assertThat(puts).filteredOn(put -> put.endsWith("1.0.0")).hasSize(1);
  }

  @Test
  void traps6And8WithoutAnApiReferrersAreListedUnderTheFallbackTag() throws IOException {
    push(store("ml/iris"));
    Descriptor said = manifest(image(), List.of(), image.bare());
    store("ml/iris").referrer(said, layout.manifest(said));
    assertThat(store("ml/iris").referrers(image.digest()))
        .extracting(Descriptor::digest)
        .containsExactly(said.digest());
    assertThat(registry.manifests).containsKey("sha256-" + image.digest().hex());
  }

  private Descriptor image() throws IOException {
    return layout.blob(MediaTypes.EMPTY, "{}".getBytes(UTF_8));
  }

  @Test
  void trap6AFallbackTagThatIsTheImageItselfSaysNothing() throws IOException {
    push(store("ml/iris"));
    registry.manifests.put("sha256-" + image.digest().hex(), layout.manifest(image));
    registry.types.put("sha256-" + image.digest().hex(), MediaTypes.MANIFEST);
    assertThat(store("ml/iris").referrers(image.digest())).isEmpty();
  }

  @Test
  void trap7AReferrersApiThatLeadsToAWebSiteIsNone() throws IOException {
    push(store("ml/iris"));
    registry.always("GET", "/referrers/", status(303, "", "Location", "https://example.com/x"));
    assertThat(store("ml/iris").referrers(image.digest())).isEmpty();
  }

  @Test
  void traps13To15ABlobOfAnotherRepositoryIsMountedAndNotSent() throws IOException {
    push(store("dev/iris"));
    registry.requests.clear();
    registry.always("HEAD", "/v2/prod/iris/blobs/", status(404, ""));
    Copy.Report report = Copy.copy(store("dev/iris"), image, store("prod/iris"), CopyLog.SILENT);
    assertThat(registry.count("PUT /v2/prod/iris/blobs")).isZero();
    assertThat(registry.requests).anyMatch(r -> r.contains("mount=") && r.contains("from=dev"));
    assertThat(report.blobsReused()).isEqualTo(2);
  }

  @Test
  void traps13And14AMountThatIsRefusedBecomesAnUpload() throws IOException {
    push(store("dev/iris"));
    for (int refusal : List.of(401, 403, 404, 405, 503)) {
      registry.requests.clear();
      registry.faults.clear();
      registry.always("HEAD", "/v2/prod/iris/blobs/", status(404, ""));
      registry.always("POST", "mount=", status(refusal, ""));
      Copy.copy(store("dev/iris"), image, store("prod/iris"), CopyLog.SILENT);
      assertThat(registry.count("PUT /v2/prod/iris/blobs")).as("%d", refusal).isEqualTo(2);
    }
  }

  @Test
  void aRegistryForReadingAloneIsNoReasonToTryAgain() {
    registry.always("POST", "/blobs/uploads/", status(405, ""));
    assertThatThrownBy(() -> push(store("ml/iris")))
        .isInstanceOfSatisfying(
            UnavailableException.class,
            e -> assertThat(e.remedy()).isEqualTo(UnavailableException.Remedy.WRITABLE));
  }

  @Test
  void trap16TheDigestIsAddedToWhatTheRegistryPutIntoTheAddress() throws IOException {
    push(store("ml/iris"));
    assertThat(registry.requests)
        .anyMatch(r -> r.startsWith("PUT") && r.contains("?_state=a%2Fb&digest=sha256%3A"));
  }

  @Test
  void trap17AProxyThatLimitsTheSizeGetsChunks() throws IOException {
    registry.always(
        "PUT",
        "/blobs/uploads/",
        exchange -> {
          boolean large =
              Long.parseLong(exchange.getRequestHeaders().getFirst("Content-Length")) > 5 << 20;
          return large && status(413, "<html>too large").answers(exchange);
        });
    push(store("ml/iris"));
    assertThat(registry.count("PATCH")).isGreaterThan(1);
    assertThat(registry.blobs).containsKey(layer.digest().toString());
  }

  @Test
  void traps17And18ABrokenUploadGoesOnWhereTheRegistryStands() throws IOException {
    int half = 4 << 20;
    registry.once(
        "PUT",
        "digest=sha256%3A" + layer.digest().hex(),
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String id = path.substring(path.lastIndexOf('/') + 1);
          registry.upload(id).write(exchange.getRequestBody().readNBytes(half));
          exchange.close();
          return true;
        });
    push(store("ml/iris"));
    assertThat(registry.blob(layer.digest())).hasSize(9 << 20);
    assertThat(registry.count("PATCH")).isEqualTo(1);
    assertThat(temp.resolve("uploads")).isDirectoryNotContaining("glob:**.json");
  }

  @Test
  void trap18AnUploadOfADeadProcessIsContinued() throws IOException {
    registry.always("PUT", "digest=sha256%3A" + layer.digest().hex(), status(500, ""));
    registry.always("PATCH", "", status(500, ""));
    assertThatThrownBy(() -> push(store("ml/iris"))).isInstanceOf(UnavailableException.class);
    assertThat(temp.resolve("uploads")).isDirectoryContaining("glob:**.json");
    registry.faults.clear();
    String id =
        registry.uploads.entrySet().stream()
            .map(Map.Entry::getKey)
            .reduce((a, b) -> b)
            .orElseThrow();
    byte[] all = Files.readAllBytes(layout.file(layer).orElseThrow());
    registry.upload(id).reset();
    registry.upload(id).write(all, 0, 6 << 20);
    registry.requests.clear();
    push(store("ml/iris"));
    assertThat(registry.count("PATCH")).isEqualTo(1);
    assertThat(registry.blobs).containsKey(layer.digest().toString());
  }

  @Test
  void trap19ARegistryThatAsksForRestGetsIt() throws IOException {
    push(store("ml/iris"));
    registry.once("GET", "/manifests/", status(429, "", "Retry-After", "17"));
    registry.once(
        "GET", "/manifests/", status(503, "", "Retry-After", "Thu, 01 Jan 1970 00:00:30 GMT"));
    registry.once("GET", "/manifests/", status(502, "", "Retry-After", "86400"));
    time.pauses.clear();
    store("ml/iris").resolve("1.0.0");
    assertThat(time.pauses)
        .containsExactly(Duration.ofSeconds(17), Duration.ofSeconds(13), Duration.ofSeconds(60));
  }

  @Test
  void trap19ADateThatHasPassedIsNoReasonToAskAtOnce() throws IOException {
    push(store("ml/iris"));
    time.pauses.clear();
    time.pauses.add(Duration.ofHours(1));
    registry.once(
        "GET", "/manifests/", status(429, "", "Retry-After", "Thu, 01 Jan 1970 00:00:30 GMT"));
    registry.once("GET", "/manifests/", status(429, "", "Retry-After", "0"));
    store("ml/iris").resolve("1.0.0");
    assertThat(time.pauses)
        .containsExactly(Duration.ofHours(1), Duration.ofMillis(500), Duration.ofSeconds(1));
  }

  @Test
  void trap19AStallEnds() throws IOException {
    push(store("ml/iris"));
    registry.always("GET", "/manifests/", exchange -> true);
    assertThatThrownBy(() -> store("ml/iris", Duration.ofMillis(400)).resolve("1.0.0"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("no answer for 400 ms, tried 4 times");
  }

  @Test
  void trap23ATagThatCannotMoveIsFineWhereItIs() throws IOException {
    push(store("ml/iris"));
    registry.always(
        "PUT", "/manifests/1.0.0", status(400, "{\"errors\":[{\"code\":\"TAG_INVALID\"}]}"));
    store("ml/iris").tag("1.0.0", image);
    Descriptor other = manifest(image(), List.of(), null);
    RegistryStore store = store("ml/iris");
    store.manifest(other, layout.manifest(other));
    assertThatThrownBy(() -> store.tag("1.0.0", other))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("TAG_INVALID");
  }

  @Test
  void trap26WhatMayNotBeLookedForIsWritten() throws IOException {
    registry.always("HEAD", "", status(403, ""));
    push(store("ml/iris"));
    assertThat(registry.manifests).containsKey("1.0.0");
  }

  @Test
  void trap27DockerHubHasManyNames() {
    assertThat(Address.of("docker.io", false).base()).hasToString("https://registry-1.docker.io");
    assertThat(Address.of("index.docker.io", false).repository("redis")).isEqualTo("library/redis");
    assertThat(Address.of("docker.io", false).repository("a/b")).isEqualTo("a/b");
  }

  @Test
  void trap31AWrongDigestHeaderIsNotBelieved() throws IOException {
    push(store("ml/iris"));
    registry.faults.add(exchange -> {
      exchange.getResponseHeaders().add("Docker-Content-Digest", "sha256:" + "0".repeat(64));
      return false;
    });
    assertThat(store("ml/iris").resolve("1.0.0").digest()).isEqualTo(image.digest());
    byte[] bytes = registry.blob(layer.digest());
    bytes[12_345]++;
    assertThatThrownBy(() -> store("ml/iris").verify(layer))
        .isInstanceOf(DigestMismatchException.class);
  }

  @Test
  void trap32ABlobElsewhereIsFetchedWithoutOurAccountAndNeverFromAPrivatePlace() throws Exception {
    push(store("ml/iris"));
    try (FakeRegistry elsewhere = new FakeRegistry()) {
      elsewhere.blobs.put(layer.digest().toString(), registry.blob(layer.digest()));
      String target = elsewhere.uri("/x/blobs/" + layer.digest() + "?signature=1").toString();
      String account =
          "Basic " + Base64.getEncoder().encodeToString("alice:hunter2".getBytes(UTF_8));
      var shown = new ArrayList<String>();
      elsewhere.faults.add(exchange -> {
        shown.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        return false;
      });
      for (int redirect : List.of(301, 302, 303, 307, 308)) {
        registry.faults.clear();
        registry.requests.clear();
        elsewhere.requests.clear();
        registry.faults.add(exchange ->
            !account.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                && status(401, "", "WWW-Authenticate", "Basic realm=\"here\"").answers(exchange));
        registry.always("GET", "/blobs/", status(redirect, "", "Location", target));
        registry.always("HEAD", "/blobs/", status(redirect, "", "Location", target));
        loggedIn("ml/iris").verify(layer);
        assertThat(registry.requests).as("the account was asked for").hasSize(2);
        // An address of that kind is signed for one method, which is not HEAD.
        assertThat(loggedIn("ml/iris").has(layer)).isTrue();
        assertThat(elsewhere.requests)
            .containsExactly("GET /x/blobs/" + layer.digest() + "?signature=1");
      }
      assertThat(shown).hasSize(5).containsOnly("null");
    }
    assertThatThrownBy(() ->
            Locations.check(
                java.net.URI.create("https://8.8.8.8"),
                java.net.URI.create("https://169.254.169.254/latest"),
                false))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("private address");
  }

  /// As whoever logged in with Docker.
  private RegistryStore loggedIn(String repository) throws IOException {
    Path docker = Files.createDirectories(temp.resolve("home/.docker"));
    String account = Base64.getEncoder().encodeToString("alice:hunter2".getBytes(UTF_8));
    Files.writeString(
        docker.resolve("config.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.host(), account));
    var options =
        Registries.Options.of(Map.of("HOME", temp.resolve("home").toString()))
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), 2));
    return new Registries(options, time).open(registry.host(), repository);
  }

  @Test
  void trap32ABlobThatIsSentInCirclesIsGivenUp() throws IOException {
    push(store("ml/iris"));
    registry.requests.clear();
    registry.always(
        "GET",
        "/blobs/",
        exchange -> status(307, "", "Location", exchange.getRequestURI() + "x").answers(exchange));
    assertThatThrownBy(() -> store("ml/iris").verify(layer))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("in circles");
    assertThat(registry.requests).hasSizeLessThan(40);
  }

  @Test
  void trap32ABrokenDownloadGoesOn() throws IOException {
    push(store("ml/iris"));
    registry.once(
        "GET",
        "/blobs/" + layer.digest(),
        exchange -> {
          exchange.sendResponseHeaders(200, layer.size());
          exchange.getResponseBody().write(new byte[0]);
          byte[] bytes = registry.blob(layer.digest());
          exchange.getResponseBody().write(bytes, 0, 3 << 20);
          exchange.getResponseBody().flush();
          throw new IOException("cut");
        });
    store("ml/iris").verify(layer);
    assertThat(registry.count("GET /v2/ml/iris/blobs/" + layer.digest())).isEqualTo(2);
  }

  @Test
  void trap33PlainHttpIsForThisMachineOnly() {
    for (String host : List.of("localhost:5000", "127.0.0.1:5000", "[::1]:5000")) {
      assertThat(Address.of(host, false).base().getScheme()).isEqualTo("http");
    }
    for (String host : List.of("127.evil.example", "localhost.example", "10.0.0.1:5000")) {
      assertThat(Address.of(host, false).base().getScheme()).isEqualTo("https");
    }
    assertThat(Address.of("10.0.0.1:5000", true).base().getScheme()).isEqualTo("http");
  }

  @Test
  void trap34ProxiesComeFromTheEnvironment() throws IOException {
    Proxies proxies =
        Proxies.of(
            Map.of(
                "HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", ".corp.example,10.0.0.0/8,x:5000"));
    for (String direct :
        List.of("https://a.corp.example", "https://10.1.2.3", "https://x:5000", "http://a.org")) {
      assertThat(proxies.select(java.net.URI.create(direct)))
          .containsExactly(java.net.Proxy.NO_PROXY);
    }
    assertThat(proxies.select(java.net.URI.create("https://x:5001")).getFirst().address())
        .hasToString("proxy/<unresolved>:3128");
  }

  @Test
  void trap34AnAddressThatIsNoProxysIsNamedByItsVariableAndNotShown() {
    for (String proxy : List.of("socks5://hunter2@proxy:1", "http://", "a b", "http://x:99999")) {
      for (String variable : List.of("HTTPS_PROXY", "http_proxy", "ALL_PROXY")) {
        assertThatThrownBy(() -> Proxies.of(Map.of(variable, proxy)))
            .isInstanceOfSatisfying(
                UnavailableException.class,
                e -> assertThat(e.remedy()).isEqualTo(UnavailableException.Remedy.ADDRESS))
            .hasMessageContaining(variable.toUpperCase(java.util.Locale.ROOT))
            .hasMessageNotContaining("hunter2");
      }
    }
  }

  @Test
  void trap37ADocumentThatIsTooLargeIsNotReadToItsEnd() throws IOException {
    registry.manifests.put("big", new byte[5 << 20]);
    registry.types.put("big", MediaTypes.MANIFEST);
    assertThatThrownBy(() -> store("ml/iris").resolve("big")).isInstanceOf(DocumentException.class);
  }

  @Test
  void aRefusalNamesTheRegistryTheAccountAndItsWords() {
    registry.always(
        "GET",
        "/manifests/",
        status(403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\\u001b[31m access\"}]}"));
    assertThatThrownBy(() -> store("ml/iris").resolve("1.0.0"))
        .isInstanceOf(DeniedException.class)
        .hasMessage(
            "cannot read %s/ml/iris:1.0.0 as anonymous: no [31m access (DENIED), status 403"
                .formatted(registry.host()));
  }

  @Test
  void aWebPageIsNotDumped() {
    registry.always(
        "GET",
        "/manifests/",
        status(418, "<html><title>Proxy</title>" + "x".repeat(9000), "Content-Type", "text/html"));
    assertThatThrownBy(() -> store("ml/iris").resolve("1.0.0"))
        .hasMessageEndingWith("a web page titled \"Proxy\", status 418");
  }

  @Test
  void sha512IsADigestToo() throws IOException {
    byte[] bytes = "long".getBytes(UTF_8);
    Digest digest = Digest.of("sha512", Digest.hasher("sha512").digest(bytes));
    Descriptor blob = Descriptor.of(MediaTypes.LAYER_TAR, digest, bytes.length);
    registry.blobs.put(digest.toString(), bytes);
    store("ml/iris").verify(blob);
  }
}
