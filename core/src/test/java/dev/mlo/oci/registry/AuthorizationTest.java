package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.DeniedException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.registry.FakeTokenServer.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a registry hears from us, and what it and its token server may answer.
class AuthorizationTest {
  private static final String PASSWORD = "hunter2:x";
  private static final String BASIC = "Basic " + base64("alice:" + PASSWORD);
  private static final Scope PULL = Scope.pull("ml/iris");
  private static final Scope PUSH = Scope.push("ml/iris");

  @TempDir Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private FakeTokenServer tokens;
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void start() throws IOException {
    tokens = new FakeTokenServer();
  }

  @AfterEach
  void stop() {
    tokens.close();
    http.close();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  /// @param entry of the registry in `config.json`; `null`: none
  private Authorization with(@Nullable String entry) throws IOException {
    if (entry != null) {
      Files.createDirectories(home.resolve(".docker"));
      Files.writeString(
          home.resolve(".docker/config.json"),
          "{\"auths\":{\"localhost:5000\":{%s}}}".formatted(entry));
    }
    InstantSource clock = () -> now;
    return new Authorization(
        "localhost:5000", http, new Keyring(Map.of("HOME", home.toString())), clock);
  }

  private Authorization alice() throws IOException {
    return with("\"auth\":\"%s\"".formatted(base64("alice:" + PASSWORD)));
  }

  private static @Nullable String header(Authorization authorization, Scope... scopes)
      throws IOException {
    return authorization.header(Set.of(scopes)).orElse(null);
  }

  private boolean refused(Authorization authorization, @Nullable String sent, Scope... scopes)
      throws IOException {
    return authorization.refused(List.of(tokens.challenge("")), Set.of(scopes), sent);
  }

  @Test
  void nothingIsSentBeforeTheRegistryAsks() throws IOException {
    Authorization alice = alice();
    assertThat(header(alice, PULL)).isNull();
    assertThat(alice.account()).isEqualTo("anonymous");
    assertThat(tokens.asked).isEmpty();
  }

  @Test
  void aTokenIsAskedForOnceAndServesEveryRequestOfItsScopes() throws IOException {
    Authorization alice = alice();
    assertThat(refused(alice, null, PUSH)).isTrue();
    assertThat(header(alice, PUSH)).isEqualTo("Bearer token-1");
    assertThat(header(alice, PUSH)).isEqualTo("Bearer token-1");
    assertThat(tokens.asked)
        .containsExactly(
            new FakeTokenServer.Asked(
                "GET", List.of("service=shop", "scope=repository:ml/iris:pull,push"), BASIC));
    assertThat(alice.account()).isEqualTo("alice from ~/.docker/config.json");
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-2");
  }

  @Test
  void aMountAsksForBothRepositoriesEachInAParameterOfItsOwn() throws IOException {
    Authorization alice = alice();
    refused(alice, null, PUSH, Scope.pull("base/jre"));
    assertThat(tokens.asked.getFirst().parameters())
        .containsExactly(
            "service=shop", "scope=repository:base/jre:pull", "scope=repository:ml/iris:pull,push");
  }

  @Test
  void whoHasNoAccountAsksForATokenToo() throws IOException {
    Authorization nobody = with(null);
    assertThat(refused(nobody, null, PULL)).isTrue();
    assertThat(header(nobody, PULL)).isEqualTo("Bearer token-1");
    assertThat(tokens.asked.getFirst().authorization()).isNull();
  }

  @Test
  void anIdentityTokenIsExchangedByPost() throws IOException {
    Authorization authorization = with("\"identitytoken\":\"refresh me\"");
    tokens.behaviour = _ -> new Answer(200, "{\"access_token\":\"access\",\"expires_in\":300}");
    refused(authorization, null, PULL);
    assertThat(header(authorization, PULL)).isEqualTo("Bearer access");
    assertThat(tokens.asked)
        .containsExactly(
            new FakeTokenServer.Asked(
                "POST",
                List.of(
                    "grant_type=refresh_token",
                    "refresh_token=refresh me",
                    "client_id=mlo",
                    "service=shop",
                    "scope=repository:ml/iris:pull"),
                null));
  }

  @Test
  void aRegistryTokenIsSentAsItIs() throws IOException {
    Authorization authorization = with("\"registrytoken\":\"fixed\"");
    assertThat(refused(authorization, null, PULL)).isTrue();
    assertThat(header(authorization, PULL)).isEqualTo("Bearer fixed");
    assertThat(refused(authorization, "Bearer fixed", PULL)).isFalse();
    assertThat(tokens.asked).isEmpty();
  }

  @Test
  void aTokenIsRenewedBeforeItExpires() throws IOException {
    Authorization alice = alice();
    tokens.behaviour = _ -> tokens.token(",\"expires_in\":300");
    refused(alice, null, PULL);
    now = now.plusSeconds(289);
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-1");
    now = now.plusSeconds(2);
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"expires_in\":0", ",\"expires_in\":-5", ",\"expires_in\":\"x\""})
  void aTokenThatDoesNotSayHowLongIsGoodForAMinute(String more) throws IOException {
    Authorization alice = alice();
    tokens.behaviour = _ -> tokens.token(more);
    refused(alice, null, PULL);
    now = now.plusSeconds(49);
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-1");
    now = now.plusSeconds(2);
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-2");
  }

  @Test
  void aTokenIsAsOldAsItsServerSays() throws IOException {
    Authorization alice = alice();
    tokens.behaviour =
        _ -> tokens.token(",\"expires_in\":3600,\"issued_at\":\"2020-01-01T00:00:00Z\"");
    refused(alice, null, PULL);
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-2");
    tokens.behaviour =
        _ ->
            tokens.token(
                ",\"expires_in\":9223372036854775807,\"issued_at\":\"9999-01-01T00:00:00Z\"");
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-3");
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-3");
  }

  @Test
  void aRefusedTokenIsReplacedOnce() throws IOException {
    Authorization alice = alice();
    refused(alice, null, PULL);
    assertThat(refused(alice, "Bearer token-1", PULL)).isTrue();
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-2");
    assertThat(refused(alice, "Bearer token-1", PULL)).as("somebody else renewed it").isTrue();
    assertThat(refused(alice, "Bearer token-2", PULL)).as("a new one is no use").isFalse();
    assertThat(tokens.asked).hasSize(2);
    now = now.plusSeconds(30);
    assertThat(refused(alice, "Bearer token-2", PULL)).as("it has served a while").isTrue();
  }

  @Test
  void aTokenThatWasGoodOnceIsReplacedHoweverSoonItIsRefused() throws IOException {
    Authorization alice = alice();
    refused(alice, null, PULL);
    refused(alice, "Bearer token-1", PULL);
    alice.accepted(Set.of(PULL), "Bearer token-1");
    assertThat(refused(alice, "Bearer token-2", PULL)).as("another one was accepted").isFalse();
    alice.accepted(Set.of(PULL), "Bearer token-2");
    assertThat(refused(alice, "Bearer token-2", PULL)).isTrue();
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-3");
  }

  @Test
  void aTokenThatGrantsTooLittleIsAskedForWithWhatTheRegistryNames() throws IOException {
    Authorization alice = alice();
    refused(alice, null, PULL);
    List<String> more =
        List.of(
            tokens.challenge(
                ",error=\"insufficient_scope\",scope=\"repository:ml/iris:push,pull\""));
    assertThat(alice.refused(more, Set.of(PULL), "Bearer token-1")).isTrue();
    assertThat(tokens.asked.getLast().parameters())
        .contains("scope=repository:ml/iris:pull", "scope=repository:ml/iris:push,pull");
    assertThat(alice.refused(more, Set.of(PULL), "Bearer token-2")).isFalse();
    assertThat(tokens.asked).hasSize(2);
  }

  @Test
  void whatTheTokenServerDoesNotGrantIsNotAskedForAgain() throws IOException {
    Authorization alice = alice();
    refused(alice, null, PUSH);
    List<String> same =
        List.of(
            tokens.challenge(
                ",error=\"insufficient_scope\",scope=\"repository:ml/iris:push,pull\""));
    assertThat(alice.refused(same, Set.of(PUSH), "Bearer token-1")).isFalse();
    assertThat(tokens.asked).hasSize(1);
  }

  @Test
  void aRequestWithoutAScopeOfItsOwnTakesTheRegistrys() throws IOException {
    Authorization alice = alice();
    alice.refused(List.of(tokens.challenge(",scope=\"registry:catalog:*\"")), Set.of(), null);
    assertThat(tokens.asked.getFirst().parameters()).contains("scope=registry:catalog:*");
  }

  @Test
  void manyAtOnceShareOneToken() throws Exception {
    Authorization alice = alice();
    Set<String> headers = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<@Nullable String> upload =
          () -> refused(alice, null, PUSH) ? header(alice, PUSH) : null;
      List<? extends Future<@Nullable String>> all =
          threads.invokeAll(java.util.Collections.nCopies(32, upload));
      for (Future<@Nullable String> one : all) {
        headers.add(String.valueOf(one.get()));
      }
    }
    assertThat(headers).containsExactly("Bearer token-1");
    assertThat(tokens.asked).hasSize(1);
  }

  @Test
  void whatEverybodyMayPullIsPulledAlthoughThePasswordHasExpired() throws IOException {
    Authorization alice = alice();
    tokens.behaviour =
        asked -> asked.authorization() == null ? tokens.token("") : new Answer(401, "");
    assertThat(refused(alice, null, PULL)).isTrue();
    assertThat(alice.account())
        .isEqualTo("anonymous, as alice from ~/.docker/config.json was not accepted");
    assertThatThrownBy(() -> header(alice, PUSH))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("alice from ~/.docker/config.json");
  }

  @Test
  void whoIsNotAcceptedIsNamedAndThePasswordIsNotEvenIfTheServerRepeatsIt() throws IOException {
    Authorization alice = alice();
    tokens.behaviour =
        _ ->
            new Answer(
                401,
                "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"no %s, %s\\u001b[2J\"}]}"
                    .formatted(PASSWORD, base64("alice:" + PASSWORD)));
    assertThatThrownBy(() -> refused(alice, null, PUSH))
        .isInstanceOfSatisfying(
            DeniedException.class, e -> assertThat(e.registry()).isEqualTo("localhost:5000"))
        .hasMessageContaining("alice from ~/.docker/config.json")
        .message()
        .doesNotContain("hunter2", base64("alice:" + PASSWORD), "\u001b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example/token",
        "http://localhost.evil.example/token",
        "http://127.0.0.1@evil.example/token",
        "https://user:pass@evil.example/token",
        "ftp://evil.example/token",
        "file:///etc/passwd",
        "//evil.example/token",
        "/token",
        "https:",
        "https://evil example/",
        ""
      })
  void credentialsGoToNoPlaceWhereSomebodyListens(String realm) throws IOException {
    Authorization alice = alice();
    List<String> challenge = List.of("Bearer realm=\"" + realm + "\"");
    assertThatThrownBy(() -> alice.refused(challenge, Set.of(PULL), null))
        .isInstanceOf(DeniedException.class)
        .hasMessageStartingWith("localhost:5000 sends us to");
  }

  @Test
  void onlyThisMachinesRegistrySendsUsToThisMachineInTheClear() throws IOException {
    Authorization far =
        new Authorization("r.example", http, new Credentials.Password("alice", PASSWORD, "a test"));
    assertThatThrownBy(() -> refused(far, null, PULL))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("https only");
    assertThat(tokens.asked).isEmpty();
  }

  @Test
  void aRedirectIsFollowedWithinTheServerOnly() throws IOException {
    Authorization alice = alice();
    tokens.behaviour =
        asked ->
            asked.parameters().contains("again=1")
                ? tokens.token("")
                : new Answer(307, "", "/other?again=1");
    assertThat(refused(alice, null, PULL)).isTrue();
    assertThat(tokens.asked.getLast().authorization()).isEqualTo(BASIC);

    try (FakeTokenServer other = new FakeTokenServer()) {
      tokens.behaviour = _ -> new Answer(302, "", other.realm());
      assertThatThrownBy(() -> refused(alice(), null, PULL))
          .isInstanceOf(DeniedException.class)
          .hasMessageContaining("not given to another server");
      assertThat(other.asked).isEmpty();
    }
    tokens.behaviour = _ -> new Answer(302, "", "/token");
    assertThatThrownBy(() -> refused(with(null), null, PULL)).isInstanceOf(DeniedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>s3cret-token</html>",
        "{\"token\":s3cret-token}",
        "{\"token\":\"s3cret-token\",\"token\":\"s3cret-token\"}",
        "{\"token\":\"s3cret-token\\r\\nX: y\"}",
        "{\"token\":{\"s3cret-token\":1}}",
        "[\"s3cret-token\"]",
        "{\"tokens\":\"s3cret-token\"}"
      })
  void whatIsNoTokenIsNotUsedAndNotShown(String body) throws IOException {
    Authorization alice = alice();
    tokens.behaviour = _ -> new Answer(200, body);
    assertThatThrownBy(() -> refused(alice, null, PUSH))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("127.0.0.1 gives no token for localhost:5000")
        .message()
        .doesNotContain("s3cret");
  }

  @Test
  void anAnswerWithoutEndIsCutOff() throws IOException {
    Authorization alice = alice();
    tokens.behaviour = _ -> new Answer(200, "x".repeat(2 << 20));
    assertThatThrownBy(() -> refused(alice, null, PULL))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("127.0.0.1 gives no token");
  }

  @Test
  void aServerOutOfOrderMayBeAskedAgain() throws IOException {
    Authorization alice = alice();
    tokens.behaviour = _ -> new Answer(503, "");
    assertThatThrownBy(() -> refused(alice, null, PULL))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(OciException.class)
        .hasMessageContaining("503");
    tokens.behaviour = _ -> tokens.token("");
    assertThat(header(alice, PULL)).isEqualTo("Bearer token-1");
  }

  @Test
  void basicIsAnsweredByThoseWhoHaveAPasswordOnce() throws IOException {
    List<String> challenge = List.of("Negotiate", "Basic realm=\"x\"");
    Authorization nobody = with(null);
    assertThat(nobody.refused(challenge, Set.of(PULL), null)).isFalse();
    Authorization alice = alice();
    assertThat(alice.refused(challenge, Set.of(PULL), null)).isTrue();
    assertThat(header(alice, PULL)).isEqualTo(BASIC);
    assertThat(alice.refused(challenge, Set.of(PULL), BASIC)).isFalse();
    assertThat(alice.refused(List.of(), Set.of(PULL), BASIC)).isFalse();
    assertThat(alice.toString()).doesNotContain("hunter2");
  }

  @Test
  void aClientThatFollowsRedirectsIsNotTaken() {
    try (HttpClient follows =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      assertThatThrownBy(
              () -> new Authorization("r.example", follows, Map.of(), RegistryLog.SILENT))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
