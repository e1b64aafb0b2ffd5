package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.BillOfMaterials;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The bill of materials of a model's image: the model with its card, its files and its data sets,
/// and what it stands on, by reference.
///
/// @param created of the build
/// @param below the runner image and the engine
record ModelBill(
    ModelCard card, Digest image, Platform platform, String created, List<Below> below) {
  /// Up to so many files are listed. Of more, the card lists all, and the model's digest stands for
  /// that list.
  static final int MAX_FILES = 64;

  private static final String MODEL = "model";

  private static final Pattern NAME_AND_MAIL =
      Pattern.compile("(.*?)\\s*<?([^<>\\s]+@[^<>\\s]+)>?");

  /// Something the model stands on that has a bill of its own.
  ///
  /// @param reference [BillOfMaterials#RUNNER] or [BillOfMaterials#ENGINE]
  /// @param link to its bill; `null`: it has none
  /// @param bill the digest of its bill
  record Below(
      String reference,
      String type,
      String name,
      String version,
      Digest digest,
      @Nullable String link,
      @Nullable Digest bill) {
    Below linked(String to, Digest digestOfBill) {
      return new Below(reference, type, name, version, digest, to, digestOfBill);
    }
  }

  byte[] write() {
    ObjectNode subject =
        Components.component("container", BillOfMaterials.IMAGE, card.name(), card.version());
    describe(subject);
    Components.hash(subject, image);
    subject.put(
        "purl",
        "pkg:oci/%s@%s%%3A%s?arch=%s"
            .formatted(card.name(), image.algorithm(), image.hex(), platform.architecture()));
    ObjectNode bill = BillOfMaterials.begin();
    bill.set("metadata", Components.metadata(created, subject));
    ArrayNode components = bill.putArray("components");
    components.add(model());
    data().forEach(components::add);
    below.forEach(part -> components.add(component(part)));
    var stands = new ArrayList<>(List.of(MODEL));
    below.forEach(part -> stands.add(part.reference()));
    ArrayNode dependencies = bill.putArray("dependencies");
    dependencies.add(Components.dependency(BillOfMaterials.IMAGE, stands));
    dependencies.add(Components.dependency(MODEL, references(data())));
    return BillOfMaterials.write(bill);
  }

  private void describe(ObjectNode component) {
    if (card.description() != null) {
      component.put("description", card.description());
    }
    for (String author : card.authors()) {
      Matcher parts = NAME_AND_MAIL.matcher(author.strip());
      ObjectNode contact = component.withArray("/authors").addObject();
      if (!parts.matches()) {
        contact.put("name", author);
      } else {
        if (!parts.group(1).isEmpty()) {
          contact.put("name", parts.group(1));
        }
        contact.put("email", parts.group(2));
      }
    }
    if (card.license() != null) {
      Components.licences(component, List.of(card.license()));
    }
  }

  private ObjectNode model() {
    ObjectNode model =
        Components.component("machine-learning-model", MODEL, card.name(), card.version());
    describe(model);
    model.set("modelCard", modelCard());
    Components.property(model, "dev.mlo:format", card.format());
    Components.property(model, "dev.mlo:entry", card.entry());
    Components.property(model, "dev.mlo:model-digest", card.digest());
    if (card.files().size() == 1) {
      Components.hash(model, Digest.parse(card.files().getFirst().digest()));
    } else if (card.files().size() <= MAX_FILES) {
      for (ModelCard.File file : card.files()) {
        ObjectNode entry = Components.component("file", MODEL + "/" + file.path(), file.path(), "");
        Components.hash(entry, Digest.parse(file.digest()));
        model.withArray("/components").add(entry);
      }
    }
    return model;
  }

  private ObjectNode modelCard() {
    ObjectNode node = Json.object();
    ObjectNode parameters = node.putObject("modelParameters");
    @Nullable String task = card.labels().get("task");
    if (task != null) {
      parameters.put("task", task);
    }
    for (String reference : references(data())) {
      parameters.withArray("/datasets").addObject().put("ref", reference);
    }
    tensors(parameters.putArray("inputs"), card.signature().inputs());
    tensors(parameters.putArray("outputs"), card.signature().outputs());
    if (provenance().path("metrics").size() > 0) {
      ArrayNode metrics = node.putObject("quantitativeAnalysis").putArray("performanceMetrics");
      provenance()
          .path("metrics")
          .properties()
          .forEach(metric ->
              metrics
                  .addObject()
                  .put("type", metric.getKey())
                  .put("value", metric.getValue().asText()));
    }
    return node;
  }

  private static void tensors(ArrayNode list, List<TensorSpec> tensors) {
    tensors.forEach(tensor -> list.addObject().put("format", tensor.toString()));
  }

  private JsonNode provenance() {
    return card.provenance() == null ? Json.object() : card.provenance();
  }

  private List<ObjectNode> data() {
    var components = new ArrayList<ObjectNode>();
    for (JsonNode set : provenance().path("data")) {
      String name = set.path("name").asText();
      // Two data sets may have the same name, but no two entries of a document the same reference.
      ObjectNode component =
          Components.component("data", "data/%d".formatted(components.size() + 1), name, "");
      if (set.path("digest").isTextual()) {
        Components.hash(component, Digest.parse(set.path("digest").textValue()));
      }
      ObjectNode what =
          component.putArray("data").addObject().put("type", "dataset").put("name", name);
      if (set.path("path").isTextual()) {
        what.putObject("contents")
            .putArray("properties")
            .addObject()
            .put("name", "dev.mlo:path")
            .put("value", set.path("path").textValue());
      }
      components.add(component);
    }
    return components;
  }

  private static List<String> references(List<ObjectNode> components) {
    return components.stream().map(component -> component.path("bom-ref").asText()).toList();
  }

  private static ObjectNode component(Below part) {
    ObjectNode component =
        Components.component(part.type(), part.reference(), part.name(), part.version());
    Components.hash(component, part.digest());
    if (part.link() != null) {
      ObjectNode reference =
          component
              .putArray("externalReferences")
              .addObject()
              .put("type", "bom")
              .put("url", part.link());
      if (part.bill() != null) {
        Components.hash(reference, part.bill());
      }
    }
    return component;
  }
}
