package dev.mlo.cli.demo;

import dev.mlo.contract.Golden;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorJson;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A golden example that every version answers, each in its own way.
final class Question {
  private final byte[] request;
  private final Map<String, List<Tensor>> expected;
  private final double tolerance;

  /// Answers that were found right, by version: equal bytes need not be read again.
  private final Map<String, byte[]> right = new ConcurrentHashMap<>();

  /// @param request the JSON that is sent
  /// @param expected the outputs by version
  Question(String request, Map<String, List<Tensor>> expected, double tolerance) {
    this.request = request.getBytes(StandardCharsets.UTF_8);
    this.expected = Map.copyOf(expected);
    this.tolerance = tolerance;
  }

  byte[] request() {
    return request;
  }

  /// The versions that have given a right answer.
  Set<String> answered() {
    return Set.copyOf(right.keySet());
  }

  /// What is wrong with an answer, by the version it names; empty when nothing is.
  Optional<String> wrong(byte[] answer) {
    for (byte[] known : right.values()) {
      if (Arrays.equals(known, answer)) {
        return Optional.empty();
      }
    }
    try {
      String version = Json.parse(answer).path("model_version").asText();
      @Nullable List<Tensor> outputs = expected.get(version);
      if (outputs == null) {
        return Optional.of("it names the version `%s`".formatted(version));
      }
      List<String> differences = Golden.differences(outputs, TensorJson.outputs(answer), tolerance);
      if (differences.isEmpty()) {
        right.put(version, answer);
        return Optional.empty();
      }
      return Optional.of("version %s: %s".formatted(version, differences.getFirst()));
    } catch (JsonFormatException | MalformedException e) {
      return Optional.of("it cannot be understood: " + e.getMessage());
    }
  }
}
