package dev.mlo.oci;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.util.regex.Pattern;

/// An operating system and a processor, as Go names them: `linux/amd64`, `linux/arm64`.
public record Platform(String os, String architecture) {
  private static final Pattern WORD = Pattern.compile("[a-z0-9_]{1,32}");

  public Platform {
    if (!WORD.matcher(os).matches() || !WORD.matcher(architecture).matches()) {
      throw new IllegalArgumentException(
          "`%s/%s` is no platform: expected OS/ARCHITECTURE, as in linux/amd64"
              .formatted(os, architecture));
    }
  }

  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    return parts.length == 2 ? new Platform(parts[0], parts[1]) : new Platform(text, "");
  }

  /// The platform this JVM runs on.
  public static Platform current() {
    String os = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    String architecture =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          case String other -> other;
        };
    return new Platform(os, architecture);
  }

  ObjectNode json() {
    return Json.object().put("architecture", architecture).put("os", os);
  }

  @Override
  public String toString() {
    return os + "/" + architecture;
  }
}
