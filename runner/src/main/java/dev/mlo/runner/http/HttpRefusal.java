package dev.mlo.runner.http;

import java.util.Map;

/// A request that gets no answer but a reason.
final class HttpRefusal extends Exception {
  private final int status;
  private final String code;
  private final Map<String, String> headers;

  /// @param code a word for programs
  HttpRefusal(int status, String code, String message) {
    this(status, code, message, Map.of());
  }

  HttpRefusal(int status, String code, String message, Map<String, String> headers) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = Map.copyOf(headers);
  }

  /// Come back in a second.
  static HttpRefusal later(int status, String code, String message) {
    return new HttpRefusal(status, code, message, Map.of("Retry-After", "1"));
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  Map<String, String> headers() {
    return headers;
  }
}
