package dev.mlo.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The list of operators is the engine's: a new engine may have more.
class OperatorsTest {
  private static final List<String> DOMAINS = List.of("ai.onnx", "ai.onnx.ml", "com.microsoft");

  @Test
  void theEngineHasWhatTheListSaysAndNotBeforeAndNotAfter() {
    var wrong = new TreeSet<String>();
    Operators.all()
        .forEach((domain, operators) ->
            operators.forEach((name, span) -> {
              long newest = Objects.requireNonNull(OnnxSupport.OPERATOR_SETS.get(domain));
              for (long version : List.of(span.first() - 1, span.first(), span.last() + 1)) {
                if (version >= 1
                    && version <= newest
                    && knows(domain, name, version) != span.has(version)) {
                  wrong.add(domain + " " + name + " " + version);
                }
              }
            }));
    assertThat(wrong).isEmpty();
  }

  /// Every word of the engine's library is tried.
  @Test
  void theEngineHasNoOthers() throws IOException {
    var unlisted = new TreeSet<String>();
    for (String word : words()) {
      for (String domain : DOMAINS) {
        long newest = Objects.requireNonNull(OnnxSupport.OPERATOR_SETS.get(domain));
        if (Operators.find(domain, word) == null && knows(domain, word, newest)) {
          unlisted.add(domain + " " + word);
        }
      }
    }
    // The engine takes this one for its own in every domain and then stumbles over it.
    unlisted.removeAll(List.of("ai.onnx.ml Constant", "com.microsoft Constant"));
    assertThat(unlisted).isEmpty();
  }

  private static Set<String> words() throws IOException {
    var words = new TreeSet<String>();
    try (InputStream library =
        Objects.requireNonNull(
            OrtEnvironment.class.getResourceAsStream(
                "/ai/onnxruntime/native/linux-x64/libonnxruntime.so"))) {
      String text = new String(library.readAllBytes(), StandardCharsets.ISO_8859_1);
      Matcher word = Pattern.compile("(?<!\\w)[A-Z]\\w{1,40}(?=\0)").matcher(text);
      while (word.find()) {
        words.add(word.group());
      }
    }
    assertThat(words).contains("Einsum", "QuickGelu");
    return words;
  }

  /// Whether the engine knows the operator, whatever else it finds wrong with the model.
  private static boolean knows(String domain, String name, long version) {
    String written = domain.equals("ai.onnx") ? "" : domain;
    byte[] model = OneNode.model(written, name, version);
    try (var options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      OrtEnvironment.getEnvironment().createSession(model, options).close();
      return true;
    } catch (OrtException e) {
      String message = String.valueOf(e.getMessage());
      return !message.contains("is not a registered function/op")
          && !message.contains("No Op registered")
          && !message.contains("deprecated");
    }
  }
}
