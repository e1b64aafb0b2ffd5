package dev.mlo.cli.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What docker-java throws, in the words of the engine.
final class EngineFailures {
  private EngineFailures() {}

  /// @param doing what fails when this fails: `load iris:1.0.0`
  static <T> T told(String doing, Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (Failure e) {
      throw e;
    } catch (RuntimeException e) {
      throw explained(doing, e);
    }
  }

  /// @return never normally
  static Failure explained(String doing, RuntimeException e) throws IOException {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      boolean interrupted =
          cause instanceof InterruptedException
              || cause instanceof ClosedByInterruptException
              || (cause instanceof InterruptedIOException
                  && !(cause instanceof java.net.SocketTimeoutException));
      if (interrupted || Thread.currentThread().isInterrupted()) {
        throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
      }
      if (cause instanceof DockerException refused) {
        return Failure.of(code(refused), "the Docker Engine does not " + doing)
            .why(words(refused))
            .cause(e);
      }
    }
    return Failure.of(ExitCode.NETWORK, "the Docker Engine went away; it does not " + doing)
        .why(reason(e))
        .hint("docker version")
        .cause(e);
  }

  private static ExitCode code(DockerException e) {
    return switch (e) {
      case NotFoundException _ -> ExitCode.NOT_FOUND;
      case ConflictException _ -> ExitCode.CONFLICT;
      default -> isTaken(words(e)) ? ExitCode.CONFLICT : ExitCode.UNEXPECTED;
    };
  }

  /// Whether the engine says that a port is in use.
  private static boolean isTaken(String words) {
    return words.contains("port is already allocated") || words.contains("address already in use");
  }

  /// `Status 404: {"message":"No such image: iris:1.0.0"}` without what only programs read.
  static String words(DockerException e) {
    String text = String.valueOf(e.getMessage());
    int brace = text.indexOf('{');
    if (brace >= 0) {
      try {
        JsonNode said = Json.parse(text.substring(brace).getBytes(StandardCharsets.UTF_8));
        return said.path("message").asText(text).strip();
      } catch (JsonFormatException notJson) {
        return text.strip();
      }
    }
    return text.strip();
  }

  /// The innermost words.
  static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message.strip();
  }
}
