package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// A blob on its way here. When the connection breaks, the next one goes on where the last one
/// ended. Whether the bytes are right is for the reader to find out.
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

  private Reply connect() throws IOException {
    boolean from = count > 0;
    Reply answer =
        conversation.send(from ? request.with("Range", "bytes=" + count + "-") : request, doing);
    if (!answer.isSuccess()) {
      throw conversation.refusal(answer, doing);
    }
    if (from && answer.status() == 206) {
      String range = answer.header("Content-Range").orElse("");
      if (!range.startsWith("bytes " + count + "-")) {
        answer.close();
        throw new UnavailableException(
            "cannot %s: asked for the bytes from %d, the answer has `%s`"
                .formatted(doing, count, range));
      }
    } else if (from) {
      answer.body().skipNBytes(count);
    }
    return answer;
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
