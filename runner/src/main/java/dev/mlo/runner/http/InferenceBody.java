package dev.mlo.runner.http;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.Printable;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorBinary;
import dev.mlo.contract.TensorJson;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// What the headers say of an inference request's body.
final class InferenceBody {
  /// Of the binary tensor extension: how long the JSON at the front of the body is.
  static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  static final String BINARY = "application/octet-stream";

  private InferenceBody() {}

  /// How a body is to be read.
  sealed interface Form {
    InferenceRequest decode(byte[] body, Signature signature) throws MalformedException;
  }

  record Json() implements Form {
    @Override
    public InferenceRequest decode(byte[] body, Signature signature) throws MalformedException {
      return TensorJson.request(body);
    }
  }

  /// JSON and then bytes.
  record Mixed(int headerLength) implements Form {
    @Override
    public InferenceRequest decode(byte[] body, Signature signature) throws MalformedException {
      return TensorBinary.request(body, headerLength);
    }
  }

  /// Bytes of the one input.
  record Raw() implements Form {
    @Override
    public InferenceRequest decode(byte[] body, Signature signature) throws MalformedException {
      return TensorBinary.raw(body, signature);
    }
  }

  /// @throws HttpRefusal 400 for a header length that is none, 415 for what is neither JSON nor of
  ///   the binary extension
  static Form form(Exchange exchange) throws HttpRefusal {
    String length = exchange.header(HEADER_LENGTH);
    if (length != null) {
      int header = headerLength(length);
      return header == 0 ? new Raw() : new Mixed(header);
    }
    String type = exchange.header(HttpHeader.CONTENT_TYPE.asString());
    if (type != null && !isJson(type)) {
      throw unsupported(
          bare(type).equals(BINARY)
              ? "a body of bytes needs the header " + HEADER_LENGTH
              : "the body is `" + type + "`, not application/json");
    }
    return new Json();
  }

  private static int headerLength(String text) throws HttpRefusal {
    try {
      int length = Integer.parseInt(text.strip());
      if (length >= 0) {
        return length;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new HttpRefusal(
        400, "malformed", "%s is `%s`, which is no length".formatted(HEADER_LENGTH, shown(text)));
  }

  private static String shown(@Nullable String text) {
    String all = String.valueOf(text);
    return Printable.shortened(all, 40);
  }

  private static HttpRefusal unsupported(String why) {
    return new HttpRefusal(415, "unsupported_media_type", why);
  }

  /// What a form posts is what `curl -d` says unless it is told otherwise; the body is JSON or it
  /// is refused as none.
  private static boolean isJson(String type) {
    String bare = bare(type);
    return bare.equals("application/json")
        || bare.endsWith("+json")
        || bare.equals("application/x-www-form-urlencoded");
  }

  private static String bare(String type) {
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }
}
