package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.oci.UnavailableException;
import dev.mlo.oci.UnavailableException.Remedy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// TLS to a port without, and the other way round, directly and through a proxy: said once, as what
/// it is, and not tried again.
@Timeout(60)
class CrossPurposeTest {
  private static final String NAME = "registry.example";

  private final List<String> again = new ArrayList<>();
  private FakeProxy proxy;

  /// A port that reads what comes and answers always the same.
  private record Port(ServerSocket listening) implements AutoCloseable {
    static Port answering(String answer) throws IOException {
      var port = new Port(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().start(() -> port.accept(answer.getBytes(ISO_8859_1)));
      return port;
    }

    private void accept(byte[] answer) {
      while (!listening.isClosed()) {
        try (Socket client = listening.accept()) {
          assertThat(client.getInputStream().read(new byte[8_192])).isPositive();
          client.getOutputStream().write(answer);
        } catch (IOException e) {
          return;
        }
      }
    }

    String here() {
      return "127.0.0.1:" + listening.getLocalPort();
    }

    String elsewhere() {
      return NAME + ":" + listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }

  @BeforeEach
  void start() throws IOException {
    proxy = new FakeProxy();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    assertThat(again).isEmpty();
  }

  private Registries.Options options() {
    return Registries.Options.of(
            Map.of("HOME", "/nowhere", "HTTPS_PROXY", proxy.url(), "HTTP_PROXY", proxy.url()))
        .withPatience(new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 3))
        .withLog((_, why, _, _, _) -> again.add(why));
  }

  /// Asking for an image and logging in must say the same.
  private static void assertTold(
      String host, Registries.Options options, String why, Remedy remedy) {
    var registries = new Registries(options, new FakeTime());
    var alice = new Credentials.Password("alice", "hunter2", "a test");
    for (UnavailableException failure :
        List.of(
            catchThrowableOfType(
                UnavailableException.class, () -> registries.open(host, "ml/iris").find("1.0.0")),
            catchThrowableOfType(
                UnavailableException.class, () -> registries.accepts(host, alice)))) {
      assertThat(failure).hasMessageContaining(host).hasMessageContaining(why);
      assertThat(failure.getMessage()).doesNotContain("tried").doesNotMatch(".*\\p{Cntrl}.*");
      assertThat(failure.remedy()).isEqualTo(remedy);
    }
  }

  @Test
  void aPortThatAnswersWithoutTls() throws IOException {
    try (Port port = Port.answering("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")) {
      assertTold(
          port.here(),
          options().withInsecure(Set.of(port.here())),
          "it answers without TLS",
          Remedy.PLAIN);
      assertThat(proxy.asked).isEmpty();

      assertTold(port.elsewhere(), options(), "it answers without TLS", Remedy.PLAIN);
      assertThat(proxy.asked)
          .isNotEmpty()
          .allMatch(line -> line.equals("CONNECT " + port.elsewhere() + " HTTP/1.1"));
    }
  }

  @Test
  void aPortThatHangsUpOnTls() throws IOException {
    try (Port port = Port.answering("")) {
      assertTold(
          port.here(),
          options().withInsecure(Set.of(port.here())),
          "perhaps it speaks HTTP without TLS",
          Remedy.PLAIN);
      assertTold(port.elsewhere(), options(), "perhaps it speaks HTTP without TLS", Remedy.PLAIN);
    }
  }

  @Test
  void aPortThatSpeaksTlsOnly() throws IOException {
    String versionAlert = "\u0015\u0003\u0003\u0000\u0002\u0002F";
    String unexpectedMessage = "\u0015\u0003\u0001\u0000\u0002\u0002\n";
    for (String alert : new String[] {versionAlert, unexpectedMessage}) {
      try (Port port = Port.answering(alert)) {
        assertTold(port.here(), options(), "it speaks TLS", Remedy.TLS);
        assertTold(
            port.elsewhere(),
            options().withPlain(Set.of(port.elsewhere())),
            "it speaks TLS",
            Remedy.TLS);
      }
    }
  }

  @Test
  void aPortWithTlsThatSaysSoInWords() throws IOException {
    for (String words :
        new String[] {
          "Client sent an HTTP request to an HTTPS server.\n",
          "<html><head><title>400 The plain HTTP request was sent to HTTPS"
              + " port</title></head></html>"
        }) {
      String answer =
          "HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Type: %s\r\n\r\n%s"
              .formatted(words.startsWith("<") ? "text/html" : "text/plain", words);
      try (Port port = Port.answering(answer)) {
        assertTold(port.here(), options(), "it speaks TLS", Remedy.TLS);
      }
    }
  }
}
