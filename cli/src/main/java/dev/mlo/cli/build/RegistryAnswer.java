package dev.mlo.cli.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tools.jib.api.InsecureRegistryException;
import com.google.cloud.tools.jib.api.RegistryAuthenticationFailedException;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.http.ResponseException;
import com.google.cloud.tools.jib.registry.RegistryCredentialsNotSentException;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a registry, or the way to it, answered instead of what it was asked for: who, on whose
/// account, and in its own words.
final class RegistryAnswer {
  private static final int LONGEST_LINE = 300;

  /// The connection broke: to try again may help.
  static final class BrokenException extends IOException {
    private final Failure failure;

    BrokenException(Failure failure, IOException cause) {
      super(String.join("; ", failure.why()), cause);
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }

  private final RegistryAddress address;
  private @Nullable String account;

  RegistryAnswer(RegistryAddress address) {
    this.address = address;
  }

  /// @param name who asks; `null`: nobody in particular
  void account(@Nullable String name) {
    account = name;
  }

  /// @return a [BrokenException], or that the user interrupted
  /// @throws Failure for everything that trying again does not cure
  IOException explain(Exception e) {
    if (Thread.currentThread().isInterrupted()) {
      return new InterruptedIOException("interrupted");
    }
    return switch (e) {
      case IOException io when io.getCause() instanceof RegistryException inner -> explain(inner);
      case ResponseException response -> throw answered(response).cause(e);
      case JsonProcessingException json ->
          throw damaged(
                  "its manifest is not what one looks like: " + line(json.getOriginalMessage()))
              .cause(e);
      case IOException io -> new BrokenException(broken(io).cause(e), io);
      case RegistryUnauthorizedException denied
          when denied.getCause() instanceof ResponseException response ->
          throw answered(response).cause(e);
      case RegistryCredentialsNotSentException _ ->
          throw denied("credentials are not sent over plain HTTP").cause(e);
      case InsecureRegistryException insecure -> throw untrusted(insecure).cause(e);
      case RegistryAuthenticationFailedException failed -> throw authentication(failed).cause(e);
      default ->
          throw e.getCause() instanceof ResponseException response
              ? answered(response).cause(e)
              : damaged(line(String.valueOf(e.getMessage()))).cause(e);
    };
  }

  private Failure answered(ResponseException response) {
    List<String> words = words(response);
    return switch (response.getStatusCode()) {
      case 401, 403 -> denied(words);
      case 404 ->
          Failure.of(ExitCode.NOT_FOUND, "there is no image `%s`".formatted(address.recorded()))
              .why(words)
              .hint("check its name and its tag: docker manifest inspect " + address.recorded());
      default ->
          Failure.of(
                  ExitCode.NETWORK,
                  "the registry %s did not hand out `%s`"
                      .formatted(address.registry(), address.recorded()))
              .why(words)
              .hint("run it again later, or: mlo runner build --base bundled");
    };
  }

  private Failure authentication(RegistryAuthenticationFailedException e) {
    return switch (e.getCause()) {
      case ResponseException response
          when response.getStatusCode() == 401 || response.getStatusCode() == 403 ->
          denied(words(response));
      case ResponseException response -> answered(response);
      case IOException io -> broken(io);
      case null, default -> denied(line(String.valueOf(e.getMessage())));
    };
  }

  private Failure denied(String why) {
    return denied(List.of(why));
  }

  private Failure denied(List<String> why) {
    return Failure.of(
            ExitCode.DENIED,
            "the registry %s does not let %s read `%s`"
                .formatted(
                    address.registry(),
                    account == null ? "you, without an account," : "`" + account + "`",
                    address.recorded()))
        .why(why)
        .hint("docker login %s   (mlo reads Docker's configuration)".formatted(address.registry()));
  }

  private Failure untrusted(InsecureRegistryException e) {
    Throwable why = e.getCause() == null ? e : e.getCause();
    return address.untrusted(line(String.valueOf(why.getMessage())));
  }

  private Failure broken(IOException e) {
    return address.unreachable(
        e instanceof UnknownHostException
            ? "no host of that name is known"
            : line(e.getMessage() == null ? e.toString() : e.getMessage()));
  }

  /// The base is there and cannot be stood on.
  Failure unsuitable(String why) {
    return unsuitable(address.recorded(), why);
  }

  static Failure unsuitable(String base, String why) {
    return Failure.of(ExitCode.USAGE, "`%s` cannot be the base of a runner image".formatted(base))
        .why(why)
        .hint(
            "take an image for its platform with glibc and libstdc++ (Debian, Ubuntu, Fedora, …):"
                + " mlo runner build --base eclipse-temurin:25-jre");
  }

  Failure damaged(String why) {
    return damaged(address.recorded(), why);
  }

  static Failure damaged(String base, String why) {
    return Failure.of(ExitCode.INTEGRITY, "`%s` is damaged".formatted(base)).why(why);
  }

  Failure otherBytes(String expected, String found) {
    return damaged("asked for the manifest %s, it sent %s".formatted(expected, found));
  }

  Failure unreadable(Path dockerConfig) {
    return Failure.of(
            ExitCode.DENIED, "Docker's configuration cannot be read: `%s`".formatted(dockerConfig))
        .hint("docker login " + address.registry());
  }

  /// The registry's own words (distribution specification, "Error Codes"), else its status.
  private static List<String> words(ResponseException response) {
    var words = new ArrayList<String>();
    @Nullable String content = response.getContent();
    if (content != null) {
      try {
        for (JsonNode error : Json.parse(content.getBytes(StandardCharsets.UTF_8)).path("errors")) {
          String code = error.path("code").asText("");
          String message = error.path("message").asText("");
          words.add(line(code.isEmpty() ? message : code + ": " + message));
        }
      } catch (JsonFormatException e) {
        words.clear();
      }
    }
    words.removeIf(String::isBlank);
    words.addFirst("it answered HTTP " + response.getStatusCode());
    return words;
  }

  /// Something from outside, fit to be shown.
  private static String line(String text) {
    String first = text.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
    return first.length() > LONGEST_LINE ? first.substring(0, LONGEST_LINE) + "…" : first;
  }
}
