package dev.mlo.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// Sends one request once. A silent peer ends it, and so does an interrupt.
final class Transport {
  /// A silence that is worth a word, if it is not to be broken off sooner.
  private static final Duration LONG = Duration.ofSeconds(4);

  private final HttpClient http;
  private final Patience patience;
  private final Consumer<Duration> silent;

  /// @param silent told how much longer at most an answer is waited for
  Transport(HttpClient http, Patience patience, Consumer<Duration> silent) {
    this.http = http;
    this.patience = patience;
    this.silent = silent;
  }

  /// @param authorization to send along; never to a stranger
  /// @throws InterruptedIOException when the thread was interrupted
  /// @throws IOException in words, when the network failed or the content could not be read
  Reply send(Request request, @Nullable String authorization) throws IOException {
    var progress = new OutgoingBody.Progress();
    @Nullable Content content = request.content();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri())
            .method(
                request.method(),
                content == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : content.length() == 0
                        ? HttpRequest.BodyPublishers.ofByteArray(new byte[0])
                        : new OutgoingBody(content, progress));
    request.headers().forEach(builder::header);
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    Proxies.tell(http, builder, request.uri());
    CompletableFuture<HttpResponse<InputStream>> answer =
        http.sendAsync(builder.build(), _ -> new IncomingBody(patience.silence()));
    HttpResponse<InputStream> response = await(answer, progress);
    if (response.statusCode() == ProxyRefusal.WHO) {
      // Of a tunnel there is no body, not even an empty one.
      if (response.body() != null) {
        response.body().close();
      }
      throw ProxyRefusal.who(http, request.uri());
    }
    return new Reply(
        request.method(),
        response.statusCode(),
        response.headers(),
        response.body(),
        request.uri(),
        authorization);
  }

  private HttpResponse<InputStream> await(
      CompletableFuture<HttpResponse<InputStream>> answer, OutgoingBody.Progress progress)
      throws IOException {
    try {
      boolean told = false;
      for (long left = left(progress); left > 0; left = left(progress)) {
        if (answer.isDone()) {
          return answer.get();
        }
        long quiet = told ? Long.MAX_VALUE : untold(progress);
        if (quiet <= 0) {
          told = true;
          silent.accept(Duration.ofNanos(left));
        } else {
          wait(answer, Math.min(left, quiet));
        }
      }
      answer.cancel(true);
      throw new HttpTimeoutException("no answer for " + inWords(patience.after(progress.sent())));
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw failure(e.getCause(), progress.failure());
    }
  }

  /// Nanoseconds until the silence is too long; bytes that move start it anew.
  private long left(OutgoingBody.Progress progress) {
    return patience.after(progress.sent()).toNanos() - (System.nanoTime() - progress.movedAt());
  }

  /// Nanoseconds until a word is due.
  private long untold(OutgoingBody.Progress progress) {
    long half = patience.silence().toNanos() / 2;
    return Math.min(half, LONG.toNanos()) - (System.nanoTime() - progress.movedAt());
  }

  /// @return false when nothing came in time
  @SuppressWarnings("UnusedReturnValue")
  private static boolean wait(CompletableFuture<?> answer, long nanos)
      throws InterruptedException, ExecutionException {
    try {
      answer.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private static IOException failure(@Nullable Throwable network, @Nullable Exception content) {
    return switch (content) {
      case null -> inWords(network);
      case IOException io -> new ContentException(io);
      default -> new ContentException(new IOException(content));
    };
  }

  /// The content that was to be sent could not be read: nothing that a repetition mends.
  static final class ContentException extends IOException {
    private final IOException failure;

    ContentException(IOException failure) {
      super(failure.getMessage(), failure);
      this.failure = failure;
    }

    IOException failure() {
      return failure;
    }
  }

  /// No connection at all, which a repetition mends less often than a broken one.
  static final class UnreachableException extends IOException {
    UnreachableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// A certificate or a protocol the other side insists on: a repetition mends nothing.
  static final class UntrustedException extends IOException {
    UntrustedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// TLS on one side only.
  static final class CrossPurposeException extends IOException {
    private final CrossPurpose kind;

    CrossPurposeException(CrossPurpose kind, @Nullable Throwable cause) {
      super(kind.words(), cause);
      this.kind = kind;
    }

    CrossPurpose kind() {
      return kind;
    }
  }

  private static IOException inWords(@Nullable Throwable failure) {
    Optional<CrossPurpose> crossed = CrossPurpose.of(failure);
    if (crossed.isPresent()) {
      return new CrossPurposeException(crossed.get(), failure);
    }
    Optional<ProxyRefusal> proxy = ProxyRefusal.of(failure);
    if (proxy.isPresent()) {
      return proxy.get();
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      switch (t) {
        case UnknownHostException _, UnresolvedAddressException _ -> {
          return new UnreachableException("no such host", t);
        }
        case SSLHandshakeException tls -> {
          String why = Trust.words(tls).orElse(String.valueOf(tls.getMessage()));
          return new UntrustedException(why, t);
        }
        default -> {}
      }
    }
    return switch (failure) {
      case ConnectException refused when refused.getCause() instanceof UnresolvedAddressException ->
          new UnreachableException("no such host", refused);
      case ConnectException refused ->
          new UnreachableException(
              refused.getMessage() == null ? "connection refused" : refused.getMessage(), refused);
      case HttpTimeoutException late -> new IOException("no connection in time", late);
      case IOException io ->
          new IOException(
              "the connection broke" + (io.getMessage() == null ? "" : ": " + io.getMessage()), io);
      case null -> new IOException("the connection broke");
      default -> new IOException("the connection failed: " + failure, failure);
    };
  }

  static String inWords(Duration time) {
    return time.toSeconds() > 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
