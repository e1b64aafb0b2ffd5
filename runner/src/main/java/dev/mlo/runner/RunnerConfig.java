package dev.mlo.runner;

import dev.mlo.contract.Batching;
import dev.mlo.contract.ServeSettings;
import dev.mlo.runner.infer.AccessLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the environment says. Nothing has to be said: every value has a default.
///
/// @param httpPort 0: any free one
/// @param grpcPort 0: any free one; negative: none
/// @param adminPort 0: any free one
/// @param adminToken what callers of the admin API must present; without it the API is closed
/// @param adminOpen let callers on this machine in without a token
/// @param image what the runner was started from, when anybody told
/// @param accessLog which requests are written to standard error, as JSON lines
/// @param readyFile written when the runner is ready
record RunnerConfig(
    Path modelsDirectory,
    Path backendsDirectory,
    Path stateDirectory,
    String host,
    int httpPort,
    int grpcPort,
    int adminPort,
    Optional<String> adminToken,
    boolean adminOpen,
    @Nullable String image,
    @Nullable String imageDigest,
    @Nullable Path readyFile,
    AccessLog.Level accessLog,
    Overrides overrides) {

  /// `MLO_GRPC_PORT=off`: REST only.
  static final int NO_PORT = -1;

  /// What the environment says over the card's `serve`; `null` where it says nothing.
  record Overrides(
      @Nullable Integer workers,
      @Nullable Integer queue,
      @Nullable Long timeoutMillis,
      @Nullable Long maxRequestBytes,
      @Nullable Integer batchMax,
      @Nullable Long batchDelayMillis) {
    ServeSettings over(ServeSettings card) {
      return new ServeSettings(
          workers == null ? card.workers() : workers,
          queue == null ? card.queue() : queue,
          timeoutMillis == null ? card.timeoutMillis() : timeoutMillis,
          maxRequestBytes == null ? card.maxRequestBytes() : maxRequestBytes,
          batching(card.batching()));
    }

    /// A largest batch of one is none.
    private @Nullable Batching batching(@Nullable Batching card) {
      if ((batchMax == null && batchDelayMillis == null) || Integer.valueOf(1).equals(batchMax)) {
        return batchMax == null ? card : null;
      }
      Batching otherwise = card == null ? Batching.DEFAULT : card;
      return new Batching(
          batchMax == null ? otherwise.max() : batchMax,
          batchDelayMillis == null ? otherwise.delayMillis() : batchDelayMillis);
    }
  }

  /// A variable whose value cannot be used; the message names both.
  static final class InvalidException extends Exception {
    InvalidException(String variable, String value, String why) {
      super("%s=%s: %s".formatted(variable, value, why));
    }
  }

  static RunnerConfig from(Map<String, String> environment) throws InvalidException {
    var read = new Variables(environment);
    var overrides =
        new Overrides(
            read.orNull("MLO_WORKERS", Integer::valueOf),
            read.orNull("MLO_QUEUE", Integer::valueOf),
            read.orNull("MLO_TIMEOUT_MS", Long::valueOf),
            read.orNull("MLO_MAX_REQUEST_BYTES", Long::valueOf),
            read.orNull("MLO_BATCH_MAX", Integer::valueOf),
            read.orNull("MLO_BATCH_DELAY_MS", Long::valueOf));
    try {
      overrides.over(ServeSettings.DEFAULT);
    } catch (IllegalArgumentException e) {
      throw new InvalidException("MLO_WORKERS, MLO_QUEUE, …", "…", String.valueOf(e.getMessage()));
    }
    return new RunnerConfig(
        read.path("MLO_MODELS_DIR", "/models"),
        read.path("MLO_BACKENDS_DIR", "/opt/mlo/backends"),
        read.path("MLO_STATE_DIR", "/var/lib/mlo"),
        read.text("MLO_HOST").orElse("0.0.0.0"),
        read.port("MLO_HTTP_PORT", 8080),
        read.text("MLO_GRPC_PORT").orElse("").equals("off")
            ? NO_PORT
            : read.port("MLO_GRPC_PORT", 8081),
        read.port("MLO_ADMIN_PORT", 8082),
        read.token("MLO_ADMIN_TOKEN_FILE"),
        read.loopback("MLO_ADMIN_OPEN"),
        read.text("MLO_IMAGE").orElse(null),
        read.text("MLO_IMAGE_DIGEST").orElse(null),
        read.orNull("MLO_READY_FILE", Path::of),
        read.accessLog("MLO_ACCESS_LOG"),
        overrides);
  }

  /// Variables; an empty one counts as absent, as container tools write them.
  private record Variables(Map<String, String> environment) {
    Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    <T> @Nullable T orNull(String name, Function<String, T> parse) throws InvalidException {
      Optional<String> text = text(name);
      try {
        return text.isEmpty() ? null : parse.apply(text.get().strip());
      } catch (NumberFormatException | InvalidPathException e) {
        throw new InvalidException(name, text.orElse(""), "not what it should be: " + kind(e));
      }
    }

    private static String kind(IllegalArgumentException e) {
      return e instanceof NumberFormatException ? "a whole number" : "a path";
    }

    Path path(String name, String fallback) throws InvalidException {
      Path path = orNull(name, Path::of);
      return path == null ? Path.of(fallback) : path;
    }

    int port(String name, int fallback) throws InvalidException {
      Integer port = orNull(name, Integer::valueOf);
      if (port != null && (port < 0 || port > 65_535)) {
        throw new InvalidException(name, port.toString(), "a port is within 0 and 65535");
      }
      return port == null ? fallback : port;
    }

    Optional<String> token(String name) throws InvalidException {
      Path file = orNull(name, Path::of);
      if (file == null) {
        return Optional.empty();
      }
      try {
        String token = Files.readString(file).strip();
        if (token.isEmpty()) {
          throw new InvalidException(name, file.toString(), "the file is empty");
        }
        return Optional.of(token);
      } catch (IOException e) {
        throw new InvalidException(name, file.toString(), "the file cannot be read: " + e);
      }
    }

    AccessLog.Level accessLog(String name) throws InvalidException {
      String value = text(name).orElse("errors");
      try {
        return AccessLog.Level.parse(value.strip());
      } catch (IllegalArgumentException e) {
        throw new InvalidException(name, value, "expected `all`, `errors` or `off`");
      }
    }

    boolean loopback(String name) throws InvalidException {
      Optional<String> value = text(name);
      if (value.isPresent() && !value.get().equals("loopback")) {
        throw new InvalidException(name, value.get(), "the only value is `loopback`");
      }
      return value.isPresent();
    }
  }
}
