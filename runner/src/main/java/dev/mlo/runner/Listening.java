package dev.mlo.runner;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;

/// A port as the environment asks for it, and why it does not open: in the same words whichever
/// server would have listened there.
///
/// @param what is spoken there
/// @param variable that names the port
record Listening(String what, String host, int port, String variable) {
  /// What opens a port.
  @FunctionalInterface
  interface Opening {
    void open() throws IOException;
  }

  /// @throws BindException when the address cannot be listened at; the message says why, and which
  ///   variable names another
  void open(Opening port) throws IOException {
    try {
      port.open();
    } catch (IOException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof UnresolvedAddressException) {
          throw because("no address has this name", e);
        }
        if (cause instanceof SocketException && cause.getCause() == null) {
          throw because(String.valueOf(cause.getMessage()), e);
        }
      }
      throw e;
    }
  }

  private BindException because(String reason, IOException cause) {
    boolean another = reason.contains("in use") || reason.contains("denied");
    var failure =
        new BindException(
            "cannot listen at %s:%d: %s; %s"
                .formatted(host, port, reason, another ? otherPort() : otherHost()));
    failure.initCause(cause);
    return failure;
  }

  private String otherPort() {
    return "%s names another port for %s, 0 any free one".formatted(variable, what);
  }

  private static String otherHost() {
    return "MLO_HOST names an address of this machine, 0.0.0.0 all of them";
  }
}
