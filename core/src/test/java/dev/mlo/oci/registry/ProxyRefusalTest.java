package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import dev.mlo.oci.UnavailableException.Remedy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A proxy that lets nobody through: said once, as what it is, and not tried again.
@Timeout(60)
class ProxyRefusalTest {
  private static final String HOST = "registry.example:5000";
  private static final String WHO =
      String.join(
          "\r\n",
          "HTTP/1.1 407 Who?",
          "Proxy-Authenticate: Basic realm=p",
          "Connection: close",
          "Content-Length: 0",
          "",
          "");

  private static String told(Map<String, String> environment, boolean plain) {
    var options =
        Registries.Options.of(environment)
            .withPlain(plain ? Set.of(HOST) : Set.of())
            .withPatience(new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 1));
    var registries = new Registries(options, new FakeTime());
    return String.valueOf(
        catchThrowableOfType(
                OciException.class, () -> registries.open(HOST, "ml/iris").find("1.0.0"))
            .getMessage());
  }

  /// Asking for an image and logging in must say the same.
  ///
  /// @param hosts what is asked without TLS
  private static void assertTold(String account, List<Set<String>> hosts, String why)
      throws IOException {
    var again = new ArrayList<String>();
    try (FakeProxy proxy = new FakeProxy(WHO)) {
      String url = proxy.url().replace("//", "//" + account);
      var alice = new Credentials.Password("alice", "hunter2", "a test");
      for (Set<String> plain : hosts) {
        Registries.Options options =
            Registries.Options.of(Map.of("HOME", "/nowhere", "HTTPS_PROXY", url, "HTTP_PROXY", url))
                .withPlain(plain)
                .withPatience(new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 3))
                .withLog((_, reason, _, _, _) -> again.add(reason));
        var registries = new Registries(options, new FakeTime());
        for (UnavailableException failure :
            List.of(
                catchThrowableOfType(
                    UnavailableException.class,
                    () -> registries.open(HOST, "ml/iris").find("1.0.0")),
                catchThrowableOfType(
                    UnavailableException.class, () -> registries.accepts(HOST, alice)))) {
          assertThat(failure).hasMessageContaining(HOST).hasMessageContaining(why);
          assertThat(failure.getMessage()).doesNotContain("tried");
          assertThat(failure.remedy()).isEqualTo(Remedy.ADDRESS);
        }
      }
    }
    assertThat(again).isEmpty();
  }

  @Test
  void itMayNotConnectThere() throws IOException {
    try (FakeProxy proxy = new FakeProxy("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) {
      assertThat(told(Map.of("HTTPS_PROXY", proxy.url()), false))
          .endsWith("the proxy refuses to connect, status 403");
      assertThat(proxy.asked).hasSize(1);
    }
  }

  @Test
  void anAccountIsForItsOwnProxyOnly() throws IOException {
    try (FakeProxy one = new FakeProxy(WHO);
        FakeProxy other = new FakeProxy(WHO)) {
      String known = one.url().replace("//", "//alice:secret@");
      assertThat(told(Map.of("HTTPS_PROXY", other.url(), "HTTP_PROXY", known), true))
          .contains("the proxy does not accept the user");
      assertThat(told(Map.of("HTTPS_PROXY", known, "HTTP_PROXY", other.url()), true))
          .contains("the proxy wants a user and a password");
      assertThat(other.asked).hasSize(1);
    }
  }

  @Test
  void whatARegistryBehindItWantsIsSeen() throws IOException {
    String answer = WHO.replace("407", "401").replace("Proxy-", "WWW-");
    try (FakeProxy proxy = new FakeProxy(answer)) {
      String url = proxy.url().replace("//", "//alice:secret@");
      assertThat(told(Map.of("HTTP_PROXY", url), true)).contains("as anonymous: status 401");
    }
  }

  @Test
  void anAddressThatIsNone() {
    for (String url : List.of("http://proxy:99999", "socks5://proxy:1080", "http://")) {
      assertThat(told(Map.of("HTTPS_PROXY", url), false))
          .startsWith("cannot use the proxy that HTTPS_PROXY names: it is not of the form http:");
    }
  }

  @Test
  void whoAsksIsUnknown() throws IOException {
    assertTold(
        "", List.of(Set.of(), Set.of(HOST)), "the proxy wants a user and a password (status 407)");
  }

  @Test
  void thePasswordIsWrong() throws IOException {
    assertTold(
        "alice:wrong@",
        List.of(Set.of(), Set.of(HOST)),
        "the proxy does not accept the user and password");
  }
}
