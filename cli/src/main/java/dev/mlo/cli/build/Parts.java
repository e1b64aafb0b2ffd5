package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.Installation;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The list of its own parts that a distribution carries, `licenses/parts.json`: which Maven
/// artifact each file of the runner and the engines is, and under which licence.
final class Parts {
  /// @param group `groupId`
  /// @param name `artifactId`
  /// @param library whether the file is the artifact itself; else it is one that lay in it
  record Part(String group, String name, String version, List<String> licences, boolean library) {
    String purl() {
      return "pkg:maven/%s/%s@%s".formatted(group, name, version);
    }
  }

  private final Map<String, Part> parts = new HashMap<>();
  private final JsonNode java;

  private Parts(JsonNode list) {
    this.java = list.path("java");
    for (JsonNode part : list.path("parts")) {
      var licences = new ArrayList<String>();
      part.path("licenses").forEach(licence -> licences.add(licence.asText()));
      parts.put(
          part.path("file").asText(),
          new Part(
              part.path("group").asText(),
              part.path("name").asText(),
              part.path("version").asText(),
              List.copyOf(licences),
              part.path("library").asBoolean(true)));
    }
  }

  /// Nothing is known of an installation without the list.
  static Parts of(Installation installation) throws IOException {
    Path file = installation.home().resolve("licenses").resolve("parts.json");
    return new Parts(
        Files.isRegularFile(file) ? Json.parse(Files.readAllBytes(file)) : Json.object());
  }

  /// @param file relative to the installation, `runner/NAME.jar`
  Optional<Part> of(String file) {
    return Optional.ofNullable(parts.get(file));
  }

  /// Who made the Java of the installation; empty when nobody said.
  String javaVendor() {
    return java.path("vendor").asText();
  }

  /// The full version of the installation's Java, `25.0.3+9-LTS`; empty when nobody said.
  String javaVersion() {
    return java.path("version").asText();
  }
}
