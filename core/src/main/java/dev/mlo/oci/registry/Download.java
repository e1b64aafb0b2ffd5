package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A blob on its way here. When the connection breaks, the next one goes on where the last one
/// ended; where a registry gives no such part, what was read is skipped. Whether the bytes are
/// right is for the reader to find out.
final class Download extends InputStream {
  private final Conversation conversation;
  private final Request request;
  private final Descriptor descriptor;
  private final String doing;
  private @Nullable Reply reply;
  private long count;
  private int failures;

  private Download(
      Conversation conversation, Request request, Descriptor descriptor, String doing) {
    this.conversation = conversation;
    this.request = request;
    this.descriptor = descriptor;
    this.doing = doing;
  }

  static Download open(
      Conversation conversation, Request request, Descriptor descriptor, String doing)
      throws IOException {
    Download download = new Download(conversation, request, descriptor, doing);
    download.reply = download.connect();
    return download;
  }

  /// From a byte on.
  ///
  /// @return empty when the registry gives this blob from its first byte only, or says of another
  ///   part that it is this one
  static Optional<InputStream> openAt(
      long offset, Conversation conversation, Request request, Descriptor descriptor, String doing)
      throws IOException {
    Download download = new Download(conversation, request, descriptor, doing);
    download.count = offset;
    Reply answer = download.ask();
    boolean part = answer.status() == 206 && download.isNext(answer) && download.isSame(answer);
    if (!part && !answer.isSuccess() && answer.status() != 416) {
      throw conversation.refusal(answer, doing);
    }
    if (!part) {
      answer.close();
      return Optional.empty();
    }
    download.reply = answer;
    return Optional.of(download);
  }

  private Reply ask() throws IOException {
    return conversation.send(
        count > 0 ? request.with("Range", "bytes=" + count + "-") : request, doing);
  }

  private Reply connect() throws IOException {
    Reply answer = ask();
    boolean part = answer.status() == 206;
    if (count > 0 && (answer.status() == 416 || (part && !(isNext(answer) && isSame(answer))))) {
      answer.close();
      answer = conversation.send(request, doing);
      part = false;
    }
    if (!answer.isSuccess()) {
      throw conversation.refusal(answer, doing);
    }
    if (count > 0 && !part) {
      skip(answer);
    }
    return answer;
  }

  /// What was read of the blob already, from an answer that has all of it.
  private void skip(Reply answer) throws IOException {
    try {
      answer.body().skipNBytes(count);
    } catch (IOException e) {
      answer.close();
      throw e;
    }
  }

  private static String range(Reply answer) {
    return answer.header("Content-Range").orElse("");
  }

  /// Whether an answer has the bytes from where we stand: `bytes 1000-1999/2000` (RFC 9110, section
  /// 14.4).
  private boolean isNext(Reply answer) {
    return range(answer).startsWith("bytes " + count + "-");
  }

  /// Whether an answer is part of a blob of the size we know; a registry may not know it.
  private boolean isSame(Reply answer) {
    String range = range(answer);
    return range.endsWith("/" + descriptor.size()) || range.endsWith("/*");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (true) {
      try {
        if (reply == null) {
          reply = connect();
        }
        int n = reply.body().read(bytes, offset, length);
        if (n < 0 && count < descriptor.size()) {
          throw new IOException(
              "the connection ended after %d of %d bytes".formatted(count, descriptor.size()));
        }
        if (n > 0) {
          count += n;
          failures = 0;
        }
        return n;
      } catch (IOException e) {
        close();
        conversation.pause(++failures, e, doing);
      }
    }
  }

  @Override
  public void close() {
    if (reply != null) {
      reply.close();
      reply = null;
    }
  }
}
