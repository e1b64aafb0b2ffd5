package dev.mlo.runner.http;

import dev.mlo.contract.MalformedException;
import dev.mlo.json.JsonFormatException;
import dev.mlo.runner.infer.Refusal;
import dev.mlo.runner.slot.SwapRefusedException;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;

/// The one place where a failure becomes a status.
final class ErrorMapper {
  private ErrorMapper() {}

  static HttpRefusal map(Throwable failure) {
    return switch (failure) {
      case HttpRefusal refusal -> refusal;
      case Refusal refusal -> refused(refusal);
      case MalformedException e -> new HttpRefusal(400, "malformed", Refusal.words(e));
      case JsonFormatException e -> new HttpRefusal(400, "malformed", Refusal.words(e));
      case SwapRefusedException e -> refused(e);
      case RejectedExecutionException e ->
          HttpRefusal.later(503, "busy", "too many requests of this kind at once");
      case TimeoutException e -> new HttpRefusal(408, "timeout", "the request came too slowly");
      case HttpException e ->
          new HttpRefusal(e.getCode(), "http", e.getReason() == null ? "refused" : e.getReason());
      default -> new HttpRefusal(500, "internal", "unexpected: " + failure);
    };
  }

  private static HttpRefusal refused(Refusal e) {
    return switch (e.reason()) {
      case MALFORMED -> new HttpRefusal(400, e.code(), Refusal.words(e));
      case UNKNOWN -> new HttpRefusal(404, e.code(), Refusal.words(e));
      case TOO_LARGE -> new HttpRefusal(413, e.code(), Refusal.words(e));
      case CROWDED -> HttpRefusal.later(503, e.code(), Refusal.words(e));
      case BUSY -> HttpRefusal.later(429, e.code(), Refusal.words(e));
      case NOT_READY -> HttpRefusal.later(503, e.code(), Refusal.words(e));
      case TIMEOUT -> new HttpRefusal(504, e.code(), Refusal.words(e));
      // No status of HTTP's; it is what other servers write into their logs.
      case GONE -> new HttpRefusal(499, e.code(), Refusal.words(e));
      case MODEL, INTERNAL -> new HttpRefusal(500, e.code(), Refusal.words(e));
    };
  }

  private static HttpRefusal refused(SwapRefusedException e) {
    int status =
        switch (e.kind()) {
          case UNKNOWN -> 404;
          case CONFLICT -> 409;
          case GENERATION -> 412;
          case UNACCEPTABLE -> 422;
          case SPACE -> 507;
        };
    String swap = e.swap();
    Map<String, String> headers =
        swap == null ? Map.of() : Map.of("Location", "/mlo/v1/swaps/" + swap);
    return new HttpRefusal(status, e.code(), Refusal.words(e), headers);
  }
}
