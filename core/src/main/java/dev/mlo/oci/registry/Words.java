package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a registry says in an error, made fit for a terminal: short, one line, without control
/// characters, without what we sent to prove who we are.
///
/// @param code one of the distribution specification, such as `MANIFEST_UNKNOWN`; empty when there
///   is none
record Words(String code, String text) {
  static final Words NONE = new Words("", "");

  private static final int LONGEST = 240;
  private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{1,63}");
  private static final Pattern TITLE =
      Pattern.compile("<title[^>]{0,80}>([^<]{1,200})<", Pattern.CASE_INSENSITIVE);

  static Words of(String type, byte[] body, @Nullable String secret) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return NONE;
    }
    if (type.toLowerCase(Locale.ROOT).contains("html") || text.startsWith("<")) {
      Matcher title = TITLE.matcher(text);
      String page = title.find() ? " titled \"" + title.group(1).strip() + "\"" : "";
      return new Words("", clean("a web page" + page, secret));
    }
    if (text.startsWith("{")) {
      return json(body, secret);
    }
    return new Words("", clean(text, secret));
  }

  /// Why a server refuses, without the secrets of what we showed it. Empty when it gives no reason.
  static String of(byte[] body, Credentials used) {
    return hide(of("", body, null).text, used);
  }

  static String hide(String said, Credentials used) {
    String hidden = said;
    for (String secret : used.secrets()) {
      hidden = secret.isEmpty() ? hidden : hidden.replace(secret, "…");
    }
    return clean(hidden, null);
  }

  /// Any text from outside as part of a message.
  static String plain(String text, int longest) {
    String line = clean(text, null);
    return line.length() <= longest ? line : line.substring(0, longest) + "…";
  }

  private static Words json(byte[] body, @Nullable String secret) {
    JsonNode node;
    try {
      node = Json.parse(body);
    } catch (JsonFormatException e) {
      return NONE;
    }
    JsonNode error = node.path("errors").path(0);
    String code = error.path("code").asText("");
    String message = error.path("message").asText("");
    if (message.isEmpty()) {
      message = first(node, "message", "error_description", "details", "error");
    }
    boolean known = CODE.matcher(code).matches();
    String said = clean(message, secret);
    return new Words(
        known ? code : "", known ? said.isEmpty() ? code : said + " (" + code + ")" : said);
  }

  /// Registries, token servers (OAuth 2) and their proxies each have a field of their own.
  private static String first(JsonNode node, String... fields) {
    for (String field : fields) {
      if (node.path(field).isTextual()) {
        return node.path(field).textValue();
      }
    }
    return "";
  }

  private static String clean(String text, @Nullable String secret) {
    String shown = text;
    if (secret != null) {
      String value = secret.substring(secret.indexOf(' ') + 1);
      shown = value.isEmpty() ? shown : shown.replace(value, "…");
    }
    var line = new StringBuilder();
    shown
        .codePoints()
        .limit(4L * LONGEST)
        .map(c -> isHarmless(c) ? c : ' ')
        .forEach(line::appendCodePoint);
    String one = line.toString().strip().replaceAll(" {2,}", " ");
    return one.length() <= LONGEST ? one : one.substring(0, LONGEST) + "…";
  }

  /// Neither a control character nor one that turns the direction of writing.
  private static boolean isHarmless(int c) {
    return !Character.isISOControl(c)
        && Character.getType(c) != Character.FORMAT
        && Character.getType(c) != Character.LINE_SEPARATOR
        && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
        && Character.getType(c) != Character.SURROGATE;
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  @Override
  public String toString() {
    return text;
  }
}
