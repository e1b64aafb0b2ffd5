package dev.mlo.runner.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Bytes that a browser may keep, but asks for again each time: a runner may serve another model a
/// moment later. Compressed for whoever takes that, once.
final class Document {
  private final String contentType;
  private final byte[] body;
  private final String etag;
  private volatile byte @Nullable [] zipped;

  Document(String contentType, byte[] body) {
    this.contentType = contentType;
    this.body = body;
    // Weak, because it stands for both forms of the bytes.
    this.etag = "W/\"" + hash(body).substring(0, 24) + '"';
  }

  private static String hash(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  void send(Exchange exchange, Map<String, String> more) {
    var headers = new HashMap<>(more);
    headers.put("ETag", etag);
    headers.put("Cache-Control", "no-cache");
    headers.put("Vary", "Accept-Encoding");
    headers.put("X-Content-Type-Options", "nosniff");
    if (etag.equals(exchange.header("If-None-Match"))) {
      exchange.send(304, contentType, new byte[0], headers);
      return;
    }
    String accepted = exchange.header("Accept-Encoding");
    boolean zip = accepted != null && accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    if (zip) {
      headers.put("Content-Encoding", "gzip");
    }
    exchange.send(200, contentType, zip ? zipped() : body, headers);
  }

  private byte[] zipped() {
    byte[] known = zipped;
    if (known == null) {
      var bytes = new ByteArrayOutputStream(body.length / 2);
      try (var zip = new GZIPOutputStream(bytes)) {
        zip.write(body);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      known = bytes.toByteArray();
      zipped = known;
    }
    return known;
  }
}
