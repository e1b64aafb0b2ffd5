package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.Installation;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import java.util.List;

/// The recurring pieces of a CycloneDX document, each in the one order that is always written.
final class Components {
  private Components() {}

  /// @param type `library`, `container`, `machine-learning-model` …
  /// @param reference unique in the document
  static ObjectNode component(String type, String reference, String name, String version) {
    ObjectNode component =
        Json.object().put("type", type).put("bom-ref", reference).put("name", name);
    if (!version.isEmpty()) {
      component.put("version", version);
    }
    return component;
  }

  static void hash(ObjectNode component, Digest digest) {
    component
        .withArray("/hashes")
        .addObject()
        .put("alg", digest.algorithm().equals("sha512") ? "SHA-512" : "SHA-256")
        .put("content", digest.hex());
  }

  static void licences(ObjectNode component, List<String> declared) {
    if (!declared.isEmpty()) {
      component.set("licenses", SpdxLicence.list(declared));
    }
  }

  static void property(ObjectNode component, String name, String value) {
    component.withArray("/properties").addObject().put("name", name).put("value", value);
  }

  /// What a bill says of itself. It has a time only where the build was given one.
  static ObjectNode metadata(String created, ObjectNode subject) {
    ObjectNode metadata = Json.object();
    if (!created.equals(ImageConfig.EPOCH)) {
      metadata.put("timestamp", created);
    }
    metadata.putArray("lifecycles").addObject().put("phase", "build");
    metadata
        .putObject("tools")
        .putArray("components")
        .addObject()
        .put("type", "application")
        .put("name", "mlo")
        .put("version", Installation.version());
    metadata.set("component", subject);
    return metadata;
  }

  static ObjectNode dependency(String reference, Iterable<String> dependsOn) {
    ObjectNode dependency = Json.object().put("ref", reference);
    ArrayNode list = dependency.putArray("dependsOn");
    dependsOn.forEach(list::add);
    return dependency;
  }
}
