package dev.mlo.onnx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The operators that the engine has, from `operators.txt`: a line each, with its domain, its name
/// and, unless it is in every operator set, the first and the last one it is in. The list was found
/// by loading a model of one node for each word in the engine's library; a test repeats that.
final class Operators {
  /// The operator sets an operator is in.
  record Span(long first, long last) {
    boolean has(long version) {
      return version >= first && version <= last;
    }
  }

  private static final Map<String, Map<String, Span>> KNOWN = read();

  private Operators() {}

  /// `null`: the engine does not have it.
  static @Nullable Span find(String domain, String name) {
    return all().getOrDefault(domain, Map.of()).get(name);
  }

  /// By domain and name.
  static Map<String, Map<String, Span>> all() {
    return KNOWN;
  }

  private static Map<String, Map<String, Span>> read() {
    InputStream list = Objects.requireNonNull(Operators.class.getResourceAsStream("operators.txt"));
    try (var lines = new BufferedReader(new InputStreamReader(list, StandardCharsets.US_ASCII))) {
      var known = new HashMap<String, Map<String, Span>>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        known
            .computeIfAbsent(words[0], _ -> new HashMap<>())
            .put(words[1], new Span(number(words, 2, 1), number(words, 3, Long.MAX_VALUE)));
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(String[] words, int at, long otherwise) {
    return at < words.length ? Long.parseLong(words[at]) : otherwise;
  }
}
