package dev.mlo.oci.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `WWW-Authenticate` (RFC 9110, section 11.6.1). Commas part both the challenges and the
/// parameters of one challenge, so a word after a comma is a parameter exactly when `=` follows it.
///
/// What is no challenge ends its line: the ones before it count, a half-read one does not. Unquoted
/// values may have any visible character, as some registries write URLs so.
final class ChallengeParser {
  private static final int MAX_LINE = 8 << 10;
  private static final int MAX_CHALLENGES = 16;
  private static final int MAX_PARAMETERS = 32;

  private final String text;
  private int at;

  private ChallengeParser(String text) {
    this.text = text;
  }

  /// @param lines the values of all `WWW-Authenticate` fields of an answer
  static List<Challenge> parse(List<String> lines) {
    var all = new ArrayList<Challenge>();
    for (String line : lines) {
      if (line.length() <= MAX_LINE) {
        new ChallengeParser(line).challenges(all);
      }
    }
    return List.copyOf(all);
  }

  private void challenges(List<Challenge> all) {
    while (all.size() < MAX_CHALLENGES) {
      skipSeparators();
      String scheme = token();
      boolean ends = at == text.length() || text.charAt(at) == ',' || isSpace(text.charAt(at));
      if (scheme.isEmpty() || !ends) {
        return;
      }
      @Nullable Map<String, String> parameters = skipToken68() ? Map.of() : parameters();
      if (parameters == null) {
        return;
      }
      all.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters));
    }
  }

  /// A token68 stands directly behind its scheme and alone: `Negotiate YII=`.
  private boolean skipToken68() {
    int before = at;
    skipSpaces();
    int start = at;
    while (at < text.length() && isToken68(text.charAt(at))) {
      at++;
    }
    boolean some = at > start;
    while (at < text.length() && text.charAt(at) == '=') {
      at++;
    }
    skipSpaces();
    if (some && (at == text.length() || text.charAt(at) == ',')) {
      return true;
    }
    at = before;
    return false;
  }

  /// `null` when what stands here can be read in no way.
  private @Nullable Map<String, String> parameters() {
    var parameters = new LinkedHashMap<String, String>();
    while (true) {
      int before = at;
      skipSeparators();
      String name = token();
      skipSpaces();
      if (name.isEmpty() || at == text.length() || text.charAt(at) != '=') {
        at = before;
        return parameters;
      }
      at++;
      skipSpaces();
      @Nullable String value = at < text.length() && text.charAt(at) == '"' ? quoted() : unquoted();
      if (value == null || parameters.size() == MAX_PARAMETERS) {
        return null;
      }
      parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
    }
  }

  private @Nullable String quoted() {
    var value = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return value.toString();
      }
      if (c == '\\') {
        if (at == text.length()) {
          return null;
        }
        c = text.charAt(at++);
      }
      if (c < ' ' && c != '\t') {
        return null;
      }
      value.append(c);
    }
    return null;
  }

  private String unquoted() {
    int start = at;
    while (at < text.length() && text.charAt(at) > ' ' && ",\"".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private String token() {
    int start = at;
    while (at < text.length() && isTokenCharacter(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private void skipSpaces() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
  }

  private void skipSeparators() {
    while (at < text.length() && (text.charAt(at) == ',' || isSpace(text.charAt(at)))) {
      at++;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static boolean isTokenCharacter(char c) {
    return isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private static boolean isToken68(char c) {
    return isLetterOrDigit(c) || "-._~+/".indexOf(c) >= 0;
  }
}
