package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever a registry answers, the message says which registry, what was tried, as whom, and what
/// it said.
class RefusalTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private LayoutStore layout;
  private Descriptor image;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    layout = LayoutStore.create(temp.resolve("layout"));
    byte[] bytes =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, "{}".getBytes(UTF_8)),
                List.of(layout.blob(MediaTypes.LAYER_TAR, "weights".getBytes(UTF_8))),
                null,
                Map.of())
            .write();
    image = Descriptor.of(MediaTypes.MANIFEST, bytes);
    layout.manifest(image, bytes);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private static RegistryStore store(String host) throws IOException {
    var options =
        Registries.Options.of(Map.of("HOME", "/nowhere"))
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), 2));
    return new Registries(options, new FakeTime()).open(host, "ml/iris");
  }

  private OciException pull() throws IOException {
    RegistryStore store = store(registry.host());
    return (OciException) catchThrowable(() -> store.find("1.0.0"));
  }

  private OciException push() throws IOException {
    RegistryStore store = store(registry.host());
    return (OciException) catchThrowable(() -> Copy.copy(layout, image, store, CopyLog.SILENT));
  }

  @ParameterizedTest
  @CsvSource({
    "401, DENIED",
    "403, DENIED",
    "404, NOT_FOUND",
    "413, LIMIT",
    "429, ACCOUNT",
    "500, REPEAT",
    "502, REPEAT",
    "503, REPEAT"
  })
  void everyStatusIsToldWithPlaceActionAndWords(int status, String expected) throws IOException {
    String body = "{\"errors\":[{\"code\":\"TEST_CODE\",\"message\":\"its own words\"}]}";
    registry.always("GET", "/manifests/", FakeRegistry.status(status, body));
    registry.always("POST", "/uploads/", FakeRegistry.status(status, body));
    boolean account = Set.of(401, 403, 404, 429).contains(status);
    for (OciException refusal : List.of(pull(), push())) {
      assertThat(refusal)
          .hasMessageContaining(registry.host() + "/ml/iris")
          .hasMessageContaining("its own words (TEST_CODE), status " + status);
      if (account) {
        assertThat(refusal).hasMessageContaining(" as anonymous: ");
      }
      assertThat(kind(refusal)).isEqualTo(expected);
    }
    assertThat(pull()).hasMessageStartingWith("cannot read ");
    assertThat(push()).hasMessageStartingWith("cannot push to ");
  }

  private static String kind(OciException refusal) {
    return switch (refusal) {
      case DeniedException _ -> "DENIED";
      case NotFoundException _ -> "NOT_FOUND";
      case UnavailableException unavailable -> unavailable.remedy().name();
      default -> refusal.getClass().getSimpleName();
    };
  }

  @Test
  void aTokenServersRefusalSaysWhatTheTokenWasFor() throws IOException {
    registry.always(
        "GET",
        "/token",
        FakeRegistry.status(403, "{\"error_description\":\"no account, no token\"}"));
    registry.always(
        "POST",
        "/uploads/",
        FakeRegistry.status(
            401,
            "",
            "WWW-Authenticate",
            "Bearer realm=\"http://%s/token\",service=\"x\"".formatted(registry.host())));
    OciException refusal = push();
    assertThat(refusal).isInstanceOf(DeniedException.class);
    assertThat(refusal)
        .hasMessageStartingWith("cannot push to " + registry.host() + "/ml/iris: ")
        .hasMessageContaining("anonymous")
        .hasMessageContaining("no account, no token");
  }

  @Test
  void aNameThatNobodyHasIsAMatterOfTheAddress() throws IOException {
    RegistryStore store = store("registry.invalid");
    OciException refusal = (OciException) catchThrowable(() -> store.find("1.0.0"));
    assertThat(kind(refusal)).isEqualTo("ADDRESS");
    assertThat(refusal)
        .hasMessageStartingWith("cannot read registry.invalid/ml/iris:1.0.0: no such host");
  }

  @Test
  void aPortWithoutTlsIsAMatterOfSayingSo() throws IOException {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answersInTheClear(plain));
      // Another name of this machine, for which TLS is the rule.
      String host = "0.0.0.0:" + plain.getLocalPort();
      RegistryStore store = store(host);
      OciException refusal = (OciException) catchThrowable(() -> store.find("1.0.0"));
      assertThat(kind(refusal)).isEqualTo("PLAIN");
      assertThat(refusal).hasMessageContaining(host).hasMessageContaining("TLS");
    }
  }

  /// Whoever asks, until the socket is closed. The connection stays open until the caller leaves
  /// it: an end or a reset beside the answer would be another answer.
  private static void answersInTheClear(ServerSocket socket) {
    while (true) {
      try (Socket asked = socket.accept()) {
        asked.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
        asked.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        if (socket.isClosed()) {
          return;
        }
      }
    }
  }
}
