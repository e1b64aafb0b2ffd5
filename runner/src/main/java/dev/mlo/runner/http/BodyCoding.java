package dev.mlo.runner.http;

import dev.mlo.contract.MalformedException;
import dev.mlo.runner.infer.BodyMemory;
import dev.mlo.runner.infer.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// How the body of a request is compressed on its way, as `Content-Encoding` says.
enum BodyCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  private static final int FIRST_CAPACITY = 8 << 10;

  /// @throws HttpRefusal 415 for one that is not spoken here, for several on top of each other, and
  ///   for what is compressed for one hop of its way only
  static BodyCoding of(Exchange exchange) throws HttpRefusal {
    String transfer = exchange.header(HttpHeader.TRANSFER_ENCODING.asString());
    if (transfer != null && !transfer.strip().equalsIgnoreCase("chunked")) {
      throw new HttpRefusal(
          415,
          "unsupported_media_type",
          "the body comes in the Transfer-Encoding `%s`; compress it by Content-Encoding"
              .formatted(transfer));
    }
    return of(exchange.header(HttpHeader.CONTENT_ENCODING.asString()));
  }

  private static BodyCoding of(@Nullable String named) throws HttpRefusal {
    return switch (named == null ? "identity" : named.strip().toLowerCase(Locale.ROOT)) {
      case "identity", "" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default ->
          throw new HttpRefusal(
              415,
              "unsupported_media_type",
              "the body is encoded as `" + named + "`, not gzip or deflate",
              Map.of(HttpHeader.ACCEPT_ENCODING.asString(), "gzip, deflate"));
    };
  }

  /// What a body takes of the memory that all requests share when it is unpacked, until its request
  /// is answered.
  static final class Room {
    private final BodyMemory memory;
    private final long limit;
    private long taken;
    private boolean over;

    /// @param limit the largest body, in bytes
    Room(Exchange exchange, BodyMemory memory, long limit) {
      this.memory = memory;
      this.limit = limit;
      exchange.whenAnswered(status -> giveBack());
    }

    /// Nobody waits for what is unpacked after the answer.
    private synchronized void take(long bytes) throws Refusal {
      if (over || !memory.take(bytes)) {
        throw new Refusal(
            Refusal.Reason.CROWDED,
            "busy",
            "the requests under way take all memory there is for them");
      }
      taken += bytes;
    }

    private synchronized void giveBack() {
      over = true;
      memory.giveBack(taken);
      taken = 0;
    }
  }

  /// The body as it was before it was compressed. It may be a thousand times as large and take as
  /// long, so this is for a worker.
  ///
  /// @throws MalformedException when it is not compressed as was said
  /// @throws Refusal when it grows too large, by itself or beside the others
  byte[] plain(byte[] body, Room room) throws MalformedException, Refusal {
    if (this == IDENTITY) {
      return body;
    }
    try (InputStream in = unpacking(new ByteArrayInputStream(body))) {
      return unpacked(in, room);
    } catch (IOException e) {
      throw new MalformedException(
          "the body is no " + name().toLowerCase(Locale.ROOT) + ": " + e.getMessage());
    }
  }

  private InputStream unpacking(InputStream body) throws IOException {
    return this == GZIP ? new GZIPInputStream(body) : new InflaterInputStream(body);
  }

  private static byte[] unpacked(InputStream in, Room room) throws IOException, Refusal {
    room.take(FIRST_CAPACITY);
    byte[] plain = new byte[FIRST_CAPACITY];
    int length = 0;
    for (int read = in.read(plain);
        read >= 0;
        read = in.read(plain, length, plain.length - length)) {
      length += read;
      if (length > room.limit) {
        throw new Refusal(
            Refusal.Reason.TOO_LARGE,
            "too_large",
            "the body is larger than the %d bytes allowed when it is unpacked"
                .formatted(room.limit));
      }
      if (length == plain.length) {
        int capacity = (int) Math.min(Math.min(room.limit + 1, 2L * length), Integer.MAX_VALUE - 8);
        room.take(capacity - length);
        plain = Arrays.copyOf(plain, capacity);
      }
    }
    return length == plain.length ? plain : Arrays.copyOf(plain, length);
  }
}
