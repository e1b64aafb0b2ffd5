package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorJson;
import dev.mlo.json.Json;
import dev.mlo.runner.slot.Lease;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/// What the page says of the version that serves, and what it fills its form with: the card's
/// facts, and the golden examples that are small enough to be looked at.
final class PageModel {
  /// Bytes of JSON of one example, and of all together.
  private static final int ONE_EXAMPLE = 512 << 10;

  private static final int ALL_EXAMPLES = 1 << 20;

  private PageModel() {}

  static ObjectNode of(Lease lease, String runnerVersion) {
    ModelCard card = lease.card();
    ObjectNode answer = Json.object().put("schemaVersion", 1);
    answer.put("runner", runnerVersion).put("generation", lease.serving().generation());
    answer.put("name", lease.serving().model()).put("version", lease.serving().version());
    answer.put("modelDigest", lease.serving().modelDigest());
    answer.put("imageDigest", lease.serving().imageDigest());
    answer.put("description", card.description()).put("license", card.license());
    ArrayNode authors = answer.putArray("authors");
    card.authors().forEach(authors::add);
    ObjectNode labels = answer.putObject("labels");
    card.labels().forEach(labels::put);
    answer.put("format", card.format()).put("platform", lease.platform());
    answer.put("bytes", card.files().stream().mapToLong(ModelCard.File::size).sum());
    answer.set("parameters", card.parameters());
    JsonNode provenance = card.provenance();
    if (provenance != null) {
      answer.set("metrics", provenance.get("metrics"));
      answer.set("data", data(provenance.path("data")));
    }
    answer.set("inputs", ModelApi.specs(card.signature().inputs()));
    answer.set("outputs", ModelApi.specs(card.signature().outputs()));
    answer.set("examples", examples(lease.examples()));
    return answer;
  }

  /// Names and digests; where the data lay when it was used says nothing here.
  private static ArrayNode data(JsonNode sets) {
    ArrayNode list = Json.array();
    for (JsonNode set : sets) {
      list.addObject()
          .put("name", set.path("name").asText())
          .put("digest", set.path("digest").asText());
    }
    return list;
  }

  /// An example whose text is no text, or that is too large, is left out.
  static ArrayNode examples(List<Lease.Example> examples) {
    ArrayNode list = Json.array();
    int total = 0;
    for (Lease.Example example : examples) {
      try {
        var request = new ByteArrayOutputStream();
        TensorJson.write(example.request(), request);
        var response = new ByteArrayOutputStream();
        TensorJson.write(new InferenceResponse("", null, null, example.expected()), response);
        int size = request.size() + response.size();
        if (size <= ONE_EXAMPLE && total + size <= ALL_EXAMPLES) {
          total += size;
          ObjectNode shown = list.addObject().put("name", name(example.name()));
          shown.set("request", Json.parse(request.toByteArray()));
          shown.set("outputs", Json.parse(response.toByteArray()).path("outputs"));
        }
      } catch (IOException e) {
        System.getLogger(PageModel.class.getName())
            .log(System.Logger.Level.DEBUG, "an example is not shown", e);
      }
    }
    return list;
  }

  /// `mlops.examples/1.request.json` is example 1 to people.
  private static String name(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    return file.replaceFirst("(\\.request)?\\.json$", "");
  }
}
