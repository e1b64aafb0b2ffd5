package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Registries behind TLS with an authority of their own, reached through a proxy: a company's.
@Timeout(60)
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String NAME = "registry.example";

  @TempDir static Path certificates;
  private static Path authority;
  @TempDir Path temp;
  private FakeProxy proxy;
  private Shelf shelf;
  private Descriptor image;

  @BeforeAll
  static void certify() throws Exception {
    keytool("-alias", "ca", "-dname", "CN=Our authority", "-ext", "bc:c");
    leaf("good", "-validity", "30", "-ext", "san=dns:" + NAME);
    leaf("here", "-validity", "30", "-ext", "san=ip:127.0.0.1");
    leaf("expired", "-startdate", "-9d", "-validity", "3", "-ext", "san=dns:" + NAME);
    leaf("other", "-validity", "30", "-ext", "san=dns:files.example");
    authority = certificates.resolve("ca.pem");
    Files.writeString(
        authority,
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder().encodeToString(keys().getCertificate("ca").getEncoded())));
  }

  private static void leaf(String alias, String... more) throws Exception {
    var words = new ArrayList<>(List.of("-alias", alias, "-dname", "CN=" + alias, "-signer", "ca"));
    words.addAll(List.of(more));
    keytool(words.toArray(String[]::new));
  }

  private static void keytool(String... more) throws Exception {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    words.addAll(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
    words.addAll(List.of("-storepass", new String(PASSWORD), "-keystore"));
    words.add(certificates.resolve("keys.p12").toString());
    words.addAll(List.of(more));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static KeyStore keys() throws Exception {
    return KeyStore.getInstance(certificates.resolve("keys.p12").toFile(), PASSWORD);
  }

  /// A registry that shows this certificate.
  private static FakeRegistry registry(String alias) throws Exception {
    return FakeRegistry.withTls(context(alias));
  }

  private static SSLContext context(String alias) throws Exception {
    KeyStore one = KeyStore.getInstance("PKCS12");
    one.load(null, null);
    one.setKeyEntry(
        alias, keys().getKey(alias, PASSWORD), PASSWORD, keys().getCertificateChain(alias));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(one, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  @BeforeEach
  void start() throws IOException {
    proxy = new FakeProxy();
    shelf = new Shelf(temp.resolve("layout"));
    image = shelf.image(shelf.layer("weights"));
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  private Registries.Options options(String... more) {
    var environment = new HashMap<String, String>();
    environment.put("HOME", temp.toString());
    environment.put("HTTPS_PROXY", proxy.url());
    environment.put("http_proxy", proxy.url());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return Registries.Options.of(Map.copyOf(environment));
  }

  private static String host(FakeRegistry registry) {
    return NAME + ":" + registry.port();
  }

  private void push(FakeRegistry registry, Registries.Options options) throws IOException {
    RegistryStore store = new Registries(options, new FakeTime()).open(host(registry), "ml/iris");
    shelf.push(image, store, "1.0.0");
    Copy.verify(store, store.resolve("1.0.0"), CopyLog.SILENT);
  }

  @Test
  void anAuthorityOfTheEnvironmentIsBelieved() throws Exception {
    try (FakeRegistry registry = registry("good")) {
      push(registry, options("SSL_CERT_FILE", authority.toString()));
      assertThat(proxy.asked).isNotEmpty();
      assertThat(proxy.asked)
          .allMatch(line -> line.equals("CONNECT " + host(registry) + " HTTP/1.1"));
    }
  }

  @Test
  void soIsOneThatIsNamedAndOneThatDockerBelieves() throws Exception {
    try (FakeRegistry registry = registry("good")) {
      push(registry, options().withAuthorities(List.of(authority)));
      Path folder = temp.resolve(".docker/certs.d").resolve(host(registry));
      Files.createDirectories(folder);
      Files.copy(authority, folder.resolve("ca.crt"));
      push(registry, options());
    }
  }

  /// Over TLS the protocol is agreed on while the connection is made.
  @Test
  void trap38WithTlsOnlyHttp11IsOffered() throws Exception {
    var offered = new LinkedBlockingQueue<List<String>>();
    try (var listening =
        (SSLServerSocket)
            context("here")
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (SSLSocket client = (SSLSocket) listening.accept()) {
              client.setHandshakeApplicationProtocolSelector((_, protocols) -> {
                offered.add(List.copyOf(protocols));
                return "";
              });
              client.startHandshake();
              offered.add(List.of());
            } catch (IOException e) {
              offered.add(List.of());
            }
          });
      String host = "127.0.0.1:" + listening.getLocalPort();
      Registries.Options options =
          options()
              .withInsecure(Set.of(host))
              .withPatience(new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 1));
      RegistryStore store = new Registries(options, new FakeTime()).open(host, "ml/iris");
      assertThatThrownBy(() -> store.find("1.0.0")).isInstanceOf(UnavailableException.class);
    }
    assertThat(offered.poll(20, TimeUnit.SECONDS)).doesNotContain("h2");
  }

  @Test
  void anAuthorityThatIsNotKnownIsToldWithWhatHelps() throws Exception {
    try (FakeRegistry registry = registry("good")) {
      assertThatThrownBy(() -> push(registry, options()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("an authority that is not known here")
          .hasMessageContaining("--ca-file")
          .hasMessageNotContaining("tried");
      assertThat(registry.requests).isEmpty();
    }
  }

  @Test
  void anExpiredCertificateAndOneForAnotherHostAreToldAsSuch() throws Exception {
    try (FakeRegistry expired = registry("expired");
        FakeRegistry other = registry("other")) {
      Registries.Options options = options("SSL_CERT_FILE", authority.toString());
      assertThatThrownBy(() -> push(expired, options))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("its certificate has expired");
      assertThatThrownBy(() -> push(other, options))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("its certificate is for another host")
          .hasMessageContaining(NAME);
    }
  }

  @Test
  void whoSaysSoLooksAtNoCertificateOfThatHost() throws Exception {
    for (String wrong : List.of("expired", "other", "good")) {
      try (FakeRegistry registry = registry(wrong)) {
        push(registry, options().withInsecure(Set.of(host(registry))));
        assertThatThrownBy(() -> push(registry, options().withInsecure(Set.of("else.example"))))
            .isInstanceOf(UnavailableException.class);
      }
    }
  }

  @Test
  void aLoginSaysTheSame() throws Exception {
    try (FakeRegistry registry = registry("expired")) {
      Registries registries =
          new Registries(options("SSL_CERT_FILE", authority.toString()), new FakeTime());
      Credentials alice = new Credentials.Password("alice", "hunter2", "a test");
      assertThatThrownBy(() -> registries.accepts(host(registry), alice))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("its certificate has expired");
    }
  }

  @Test
  void aFileThatHoldsNoCertificateIsNamed() throws Exception {
    Path empty = Files.writeString(temp.resolve("empty.pem"), "");
    Path none = Files.writeString(temp.resolve("none.pem"), "-----BEGIN CERTIFICATE-----\nhello");
    Path missing = temp.resolve("missing.pem");
    try (FakeRegistry registry = registry("good")) {
      for (Path file : List.of(empty, none, missing)) {
        assertThatThrownBy(() -> push(registry, options().withAuthorities(List.of(file))))
            .isInstanceOfSatisfying(
                UnavailableException.class,
                e -> assertThat(e.remedy()).isEqualTo(UnavailableException.Remedy.TRUST))
            .hasMessageContaining(file.toString());
      }
    }
  }

  @Test
  void thisMachineIsAskedWithTlsWhereACertificateIsNamedOrWaived() throws Exception {
    try (FakeRegistry registry = registry("here")) {
      String host = "127.0.0.1:" + registry.port();
      Path folder = Files.createDirectories(temp.resolve(".docker/certs.d").resolve(host));
      for (boolean named : new boolean[] {true, false}) {
        Registries.Options options = named ? options() : options().withInsecure(Set.of(host));
        if (named) {
          Files.copy(authority, folder.resolve("ca.crt"));
        } else {
          Files.delete(folder.resolve("ca.crt"));
        }
        RegistryStore store = new Registries(options, new FakeTime()).open(host, "ml/iris");
        assertThat(store.find("1.0.0")).isEmpty();
      }
      assertThat(registry.count("GET ")).isPositive();
    }
  }

  @Test
  void aRegistryWithoutTlsIsReachedThroughTheProxyToo() throws Exception {
    try (FakeRegistry registry = new FakeRegistry()) {
      push(registry, options().withPlain(Set.of(host(registry))));
      assertThat(proxy.asked).anyMatch(line -> line.contains(" http://" + host(registry) + "/v2/"));
      assertThat(registry.manifests).containsKey("1.0.0");
    }
  }
}
