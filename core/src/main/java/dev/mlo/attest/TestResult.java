package dev.mlo.attest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Lanes;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether an image answered its golden examples: an in-toto statement whose subject is the image's
/// digest, kept in the image's store as a referrer.
///
/// @param testedAt UTC, ISO 8601
/// @param runner the version of the runner that answered
/// @param examples one entry an example, in the order of the card
public record TestResult(
    Digest subject, boolean passed, String testedAt, String runner, List<Example> examples) {
  public static final String ARTIFACT_TYPE = "application/vnd.mlo.test-result.v1+json";

  private static final String PREDICATE = "https://in-toto.io/attestation/test-result/v0.1";

  /// @param differences why it failed; empty when it passed
  /// @param millis how long the answer took
  public record Example(String name, boolean passed, double millis, List<String> differences) {
    public Example {
      differences = List.copyOf(differences);
    }
  }

  public TestResult {
    examples = List.copyOf(examples);
  }

  /// Writes the statement beside the image; the newest counts.
  ///
  /// @return the referrer's manifest
  public Descriptor attach(LayoutStore store, Descriptor image) throws IOException {
    Descriptor document =
        store
            .blob(MediaTypes.IN_TOTO, statement().write())
            .with(Attachment.TITLE, "tests.json")
            .with(Statement.PREDICATE_TYPE, PREDICATE);
    return Attachment.attach(
            store, image, ARTIFACT_TYPE, document, Map.of(Attachment.CREATED, testedAt))
        .referrer();
  }

  /// The newest result for a digest.
  ///
  /// @throws DocumentException when a result is there and cannot be read
  public static Optional<TestResult> find(ImageSource store, Digest subject) throws IOException {
    var documents = new ArrayList<Descriptor>();
    for (Descriptor referrer : store.referrers(subject)) {
      Manifest manifest = Manifest.parse(store.manifest(referrer));
      if (ARTIFACT_TYPE.equals(manifest.artifactType()) && manifest.layers().size() == 1) {
        documents.add(manifest.layers().getFirst());
      }
    }
    return Lanes.all(documents, store.readers(), document -> read(store, document))
        .values()
        .stream()
        .filter(result -> result.subject.equals(subject))
        .max(Comparator.comparing(TestResult::testedAt));
  }

  private Statement statement() {
    ObjectNode predicate = Json.object().put("result", passed ? "PASSED" : "FAILED");
    predicate.putArray("configuration").addObject().put("name", "mlo runner " + runner);
    predicate.put("testedAt", testedAt).put("runner", runner);
    names(predicate.putArray("passedTests"), true);
    names(predicate.putArray("failedTests"), false);
    ArrayNode list = predicate.putArray("examples");
    for (Example example : examples) {
      list.add(Json.tree(example));
    }
    return new Statement("image", subject, PREDICATE, predicate);
  }

  private void names(ArrayNode list, boolean wanted) {
    examples.stream().filter(e -> e.passed() == wanted).map(Example::name).forEach(list::add);
  }

  private static TestResult read(ImageSource store, Descriptor layer) throws IOException {
    Statement statement = Statement.parse(Attachment.read(store, layer));
    JsonNode predicate = statement.predicate();
    if (!statement.predicateType().equals(PREDICATE) || !predicate.path("testedAt").isTextual()) {
      throw new DocumentException("test result: it is no statement about a test");
    }
    var examples = new ArrayList<Example>();
    for (JsonNode example : predicate.path("examples")) {
      examples.add(Json.convert(example, Example.class));
    }
    return new TestResult(
        statement.subject(),
        predicate.path("result").asText().equals("PASSED"),
        predicate.path("testedAt").textValue(),
        predicate.path("runner").asText(),
        examples);
  }
}
