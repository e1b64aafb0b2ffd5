package dev.mlo.oci.registry;

import dev.mlo.oci.UnavailableException.Remedy;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One side speaks TLS and the other does not. Which scheme is right follows from the host by rule,
/// so it is the person who can mend it, and no repetition.
enum CrossPurpose {
  /// Bytes came that are none of TLS, such as `HTTP/1.1 400 Bad Request`.
  THEY_ARE_PLAIN("it answers without TLS", Remedy.PLAIN),

  /// Some servers without TLS say nothing to what they take for garbage.
  THEY_HANG_UP("it hung up when TLS began; perhaps it speaks HTTP without TLS", Remedy.PLAIN),

  /// An alert of TLS came where the first line of an answer belongs.
  THEY_SPEAK_TLS("it speaks TLS, and was asked without", Remedy.TLS);

  /// How an alert begins: its type, and the version that all versions name.
  private static final String ALERT = "\u0015\u0003";

  private final String words;
  private final Remedy remedy;

  CrossPurpose(String words, Remedy remedy) {
    this.words = words;
    this.remedy = remedy;
  }

  String words() {
    return words;
  }

  Remedy remedy() {
    return remedy;
  }

  /// What a failed request tells of it; the JDK has no types for this.
  static Optional<CrossPurpose> of(@Nullable Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      String message = String.valueOf(t.getMessage());
      if (t instanceof SSLException && message.contains("SSL message")) {
        return Optional.of(THEY_ARE_PLAIN);
      }
      if (t instanceof SSLException && message.contains("terminated the handshake")) {
        return Optional.of(THEY_HANG_UP);
      }
      if (message.contains("status line") && message.contains(ALERT)) {
        return Optional.of(THEY_SPEAK_TLS);
      }
    }
    return Optional.empty();
  }

  /// Servers with TLS that can answer without do so in words of their own: Go's, nginx.
  static Optional<CrossPurpose> of(int status, String said) {
    return status == 400 && (said.contains("HTTPS server") || said.contains("HTTPS port"))
        ? Optional.of(THEY_SPEAK_TLS)
        : Optional.empty();
  }
}
