package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.DeniedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Where a registry sends us for access tokens. It may be any host, as it is with Docker Hub, but
/// it must be reached so that nobody listens.
///
/// @param registry who sends us, for messages
record TokenServer(
    URI realm, @Nullable String service, String registry, HttpClient http, InstantSource clock) {
  private static final int MAX_DOCUMENT = 1 << 20;
  private static final int MAX_REDIRECTS = 5;
  private static final Duration PATIENCE = Patience.USUAL.silence();
  private static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(60);
  private static final Duration MAX_LIFETIME = Duration.ofHours(24);

  /// @throws DeniedException when the realm is no place to send credentials to
  static TokenServer of(Challenge challenge, String registry, HttpClient http, InstantSource clock)
      throws DeniedException {
    String text = Objects.requireNonNullElse(challenge.parameter("realm"), "");
    URI realm;
    try {
      realm = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw refused(registry, text, "that is no address");
    }
    String scheme =
        Objects.requireNonNullElse(realm.getScheme(), "").toLowerCase(java.util.Locale.ROOT);
    @Nullable String host = realm.getHost();
    if (host == null || realm.getRawUserInfo() != null) {
      throw refused(registry, text, "that is no address of a server");
    }
    boolean secret = scheme.equals("https");
    boolean here = scheme.equals("http") && Loopback.is(registry) && Loopback.is(host);
    if (!secret && !here) {
      throw refused(registry, text, "credentials are sent over https only");
    }
    return new TokenServer(realm, challenge.parameter("service"), registry, http, clock);
  }

  private static DeniedException refused(String registry, String realm, String why) {
    return new DeniedException(
        registry,
        "%s sends us to `%s` for a token: %s".formatted(registry, Words.plain(realm, 100), why));
  }

  boolean isSame(TokenServer other) {
    return realm.equals(other.realm) && Objects.equals(service, other.service);
  }

  /// @throws DeniedException when it does not accept the credentials
  /// @throws IOException when it cannot be reached or is out of order; asking again may help
  Token fetch(Credentials credentials, Collection<String> scopes) throws IOException {
    Instant asked = clock.instant();
    HttpResponse<byte[]> answer = send(request(credentials, scopes), credentials);
    int status = answer.statusCode();
    if (status == 400 || status == 401 || status == 403) {
      String words = Words.of(answer.body(), credentials);
      throw new DeniedException(
          registry,
          "%s does not accept %s: %s"
              .formatted(
                  realm.getHost(),
                  credentials instanceof Credentials.Anonymous
                      ? "anonymous users"
                      : credentials.account(),
                  words.isEmpty() ? "it answers " + status : words));
    }
    if (status != 200) {
      throw new IOException(
          "%s gives no token for %s: it answers %d".formatted(realm.getHost(), registry, status));
    }
    return read(answer, asked);
  }

  private HttpRequest request(Credentials credentials, Collection<String> scopes) {
    return credentials instanceof Credentials.IdentityToken identity
        ? exchange(identity, scopes)
        : get(credentials, scopes);
  }

  private HttpRequest get(Credentials credentials, Collection<String> scopes) {
    var query = new StringBuilder(Objects.requireNonNullElse(realm.getRawQuery(), ""));
    if (service != null) {
      add(query, "service", service);
    }
    scopes.forEach(scope -> add(query, "scope", scope));
    HttpRequest.Builder request = HttpRequest.newBuilder(withQuery(query.toString()));
    if (credentials instanceof Credentials.Password password) {
      request.header("Authorization", "Basic " + password.encoded());
    }
    return request.timeout(PATIENCE).GET().build();
  }

  private HttpRequest exchange(Credentials.IdentityToken identity, Collection<String> scopes) {
    var form = new StringBuilder();
    add(form, "grant_type", "refresh_token");
    add(form, "refresh_token", identity.token());
    add(form, "client_id", "mlo");
    if (service != null) {
      add(form, "service", service);
    }
    if (!scopes.isEmpty()) {
      add(form, "scope", String.join(" ", scopes));
    }
    return HttpRequest.newBuilder(withQuery(Objects.requireNonNullElse(realm.getRawQuery(), "")))
        .timeout(PATIENCE)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(form.toString()))
        .build();
  }

  private static void add(StringBuilder query, String name, String value) {
    query
        .append(query.isEmpty() ? "" : "&")
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  private URI withQuery(String query) {
    String path = Objects.requireNonNullElse(realm.getRawPath(), "");
    return URI.create(
        realm.getScheme()
            + "://"
            + realm.getRawAuthority()
            + (path.isEmpty() ? "/" : path)
            + (query.isEmpty() ? "" : "?" + query));
  }

  /// Redirects are followed here, and only within the server: elsewhere the credentials are not
  /// ours to give.
  private HttpResponse<byte[]> send(HttpRequest first, Credentials credentials) throws IOException {
    HttpRequest request = first;
    for (int redirects = 0; ; redirects++) {
      HttpResponse<byte[]> answer = exchange(request);
      if (answer.statusCode() < 300 || answer.statusCode() > 399) {
        return answer;
      }
      URI target = target(request.uri(), answer);
      if (redirects == MAX_REDIRECTS || !isSameOrigin(request.uri(), target)) {
        throw new DeniedException(
            registry,
            "%s sends us on to `%s` for a token: %s is not given to another server"
                .formatted(
                    realm.getHost(),
                    Words.hide(target.getScheme() + "://" + target.getRawAuthority(), credentials),
                    credentials.account()));
      }
      request = HttpRequest.newBuilder(first, (_, _) -> true).uri(target).build();
    }
  }

  private static URI target(URI from, HttpResponse<?> answer) throws IOException {
    try {
      return from.resolve(answer.headers().firstValue("Location").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new IOException(from.getHost() + " sends us on to no address", e);
    }
  }

  private static boolean isSameOrigin(URI a, URI b) {
    return Objects.equals(a.getScheme(), b.getScheme())
        && Objects.equals(a.getRawAuthority(), b.getRawAuthority());
  }

  private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException {
    HttpRequest.Builder told = HttpRequest.newBuilder(request, (_, _) -> true);
    Proxies.tell(http, told, request.uri());
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            told.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_DOCUMENT));
    try {
      // The request's own time limit ends with the headers; this one holds for the body too.
      HttpResponse<byte[]> given = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (given.statusCode() == ProxyRefusal.WHO) {
        throw ProxyRefusal.who(http, request.uri());
      }
      return given;
    } catch (TimeoutException e) {
      throw new IOException(
          "%s gives no token for %s: no answer within %d s"
              .formatted(realm.getHost(), registry, PATIENCE.toSeconds()),
          e);
    } catch (ExecutionException e) {
      Optional<ProxyRefusal> proxy = ProxyRefusal.of(e.getCause());
      if (proxy.isPresent()) {
        throw proxy.get();
      }
      throw new IOException(
          "%s gives no token for %s: %s".formatted(realm.getHost(), registry, reason(e.getCause())),
          e);
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while asking for a token");
    } finally {
      answer.cancel(true);
    }
  }

  static String reason(@Nullable Throwable cause) {
    Optional<CrossPurpose> crossed = CrossPurpose.of(cause);
    if (crossed.isPresent()) {
      return crossed.get().words();
    }
    Optional<String> certificate = cause == null ? Optional.empty() : Trust.words(cause);
    if (certificate.isPresent()) {
      return certificate.get();
    }
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at.getMessage() != null) {
        return Words.plain(at.getMessage(), 200);
      }
      if (at instanceof java.net.ConnectException) {
        return "connection refused";
      }
    }
    return cause == null ? "unknown" : cause.getClass().getSimpleName();
  }

  private Token read(HttpResponse<byte[]> answer, Instant asked) throws IOException {
    JsonNode document;
    try {
      document = Json.parse(answer.body());
    } catch (JsonFormatException e) {
      // Without the parser's words: they show a piece of the document, which may be the token.
      throw new IOException(
          "%s gives no token for %s: its answer is no JSON".formatted(realm.getHost(), registry));
    }
    String token = document.path("token").asText("");
    token = token.isEmpty() ? document.path("access_token").asText("") : token;
    if (!Token.isSendable(token)) {
      throw new IOException(
          "%s gives no token for %s: its answer has none".formatted(realm.getHost(), registry));
    }
    return new Token(token, asked, lifetime(document, answer), false);
  }

  private static Duration lifetime(JsonNode document, HttpResponse<?> answer) {
    long seconds = document.path("expires_in").asLong(0);
    Duration whole = seconds <= 0 ? DEFAULT_LIFETIME : Duration.ofSeconds(Math.min(seconds, 86400));
    Duration age = age(document.path("issued_at").asText(""), answer);
    Duration left = whole.minus(age);
    return left.isNegative()
        ? Duration.ZERO
        : left.compareTo(MAX_LIFETIME) > 0 ? MAX_LIFETIME : left;
  }

  /// How old the token was when it was sent, by the server's own clock: ours may differ.
  private static Duration age(String issuedAt, HttpResponse<?> answer) {
    try {
      Instant issued = OffsetDateTime.parse(issuedAt).toInstant();
      Instant sent =
          ZonedDateTime.parse(
                  answer.headers().firstValue("Date").orElse(""),
                  DateTimeFormatter.RFC_1123_DATE_TIME)
              .toInstant();
      Duration age = Duration.between(issued, sent);
      return age.isNegative() ? Duration.ZERO : age;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
