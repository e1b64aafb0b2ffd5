package dev.mlo.oci.registry;

import dev.mlo.oci.DeniedException;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Asks a registry whether it accepts credentials, by the one path that every registry has.
///
/// @param http must not follow redirects
record LoginCheck(Address address, HttpClient http) {
  private static final int MAX_ANSWER = 1 << 20;
  private static final Duration PATIENCE = Patience.USUAL.silence();

  /// @return false: it lets everybody in and says nothing about the credentials
  /// @throws DeniedException when it does not accept them
  /// @throws UnavailableException when it cannot be reached
  boolean check(Credentials credentials) throws IOException {
    try {
      return ask(credentials);
    } catch (OciException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new UnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  private boolean ask(Credentials credentials) throws IOException {
    String host = address.name();
    Authorization authorization = new Authorization(host, http, credentials);
    HttpResponse<byte[]> answer = get(null);
    if (answer.statusCode() == 200) {
      return false;
    }
    if (answer.statusCode() == 401) {
      var challenges = answer.headers().allValues("WWW-Authenticate");
      if (!authorization.refused(challenges, Set.of(), null)) {
        throw new DeniedException(
            host, host + " asks for something else than a user and a password: " + asked(answer));
      }
      Optional<String> header = authorization.header(Set.of());
      answer = get(header.orElse(null));
    }
    return switch (answer.statusCode()) {
      case 200 -> true;
      case 401, 403 -> {
        String words = Words.of(answer.body(), credentials);
        throw new DeniedException(
            host,
            "%s does not accept %s: %s"
                .formatted(
                    host,
                    credentials.account(),
                    words.isEmpty() ? "it answers " + answer.statusCode() : words));
      }
      case 404 -> throw new NotFoundException(host + " is no registry: it has no /v2/");
      default -> throw unexpected(answer, credentials);
    };
  }

  private UnavailableException unexpected(HttpResponse<byte[]> answer, Credentials credentials) {
    String said = "%s answers %d at /v2/".formatted(address.name(), answer.statusCode());
    return CrossPurpose.of(answer.statusCode(), Words.of(answer.body(), credentials))
        .map(crossed -> new UnavailableException(said + ": " + crossed.words(), crossed.remedy()))
        .orElseGet(() -> new UnavailableException(said));
  }

  private static String asked(HttpResponse<?> answer) {
    String asked = String.join(", ", answer.headers().allValues("WWW-Authenticate"));
    return asked.isEmpty() ? "it does not say what" : Words.plain(asked, 100);
  }

  private UnavailableException behind(ProxyRefusal proxy) {
    return new UnavailableException(
        "cannot reach %s: %s".formatted(address.name(), proxy.getMessage()),
        proxy,
        UnavailableException.Remedy.ADDRESS);
  }

  private HttpResponse<byte[]> get(@Nullable String authorization) throws IOException {
    String host = address.name();
    URI uri = address.base().resolve("/v2/");
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    Proxies.tell(http, request, uri);
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
    try {
      HttpResponse<byte[]> given = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (given.statusCode() == ProxyRefusal.WHO) {
        throw behind(ProxyRefusal.who(http, uri));
      }
      return given;
    } catch (TimeoutException e) {
      throw new UnavailableException(
          "%s does not answer within %d s".formatted(host, PATIENCE.toSeconds()), e);
    } catch (ExecutionException e) {
      Optional<ProxyRefusal> proxy = ProxyRefusal.of(e.getCause());
      if (proxy.isPresent()) {
        throw behind(proxy.get());
      }
      throw new UnavailableException(
          "cannot reach %s: %s".formatted(host, TokenServer.reason(e.getCause())),
          e,
          CrossPurpose.of(e).map(CrossPurpose::remedy).orElse(UnavailableException.Remedy.REPEAT));
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while talking to " + host);
    } finally {
      answer.cancel(true);
    }
  }
}
