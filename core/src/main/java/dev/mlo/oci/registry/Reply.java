package dev.mlo.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An answer whose body was not read yet.
///
/// @param method of the request
/// @param uri where it came from, after redirects
/// @param sent the authorization of the request; never shown
record Reply(
    String method,
    int status,
    HttpHeaders headers,
    InputStream body,
    URI uri,
    @Nullable String sent)
    implements AutoCloseable {
  /// More than any registry needs to say what is wrong.
  private static final int MAX_WORDS = 64 << 10;

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  boolean isRedirect() {
    return status >= 301 && status <= 308 && status != 304 && status != 305 && status != 306;
  }

  /// What may pass by itself.
  boolean isPassing() {
    return status == 408 || status == 425 || status == 429 || status >= 500;
  }

  String type() {
    String type = header("Content-Type").orElse("");
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
  }

  /// At most this many bytes and one more, by which the caller knows that there were too many.
  byte[] bytes(int most) throws IOException {
    return body.readNBytes(most + 1);
  }

  /// What the registry says about an answer that is no success.
  Words words() {
    try {
      return Words.of(type(), body.readNBytes(MAX_WORDS), sent);
    } catch (IOException e) {
      return Words.NONE;
    }
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      return;
    }
  }
}
