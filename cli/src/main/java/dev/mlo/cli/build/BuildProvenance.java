package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.Provenance;
import dev.mlo.attest.Statement;
import dev.mlo.cli.Installation;
import dev.mlo.cli.project.GitState;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where an image comes from, as a statement of SLSA provenance. Nothing in it depends on the
/// machine, the user or the clock: the same commit gives the same bytes. `docs/evidence.md`
/// explains each field.
///
/// @param git `null`: the project is in no repository
/// @param engine the layer
record BuildProvenance(
    Project project,
    ModelCard card,
    Digest image,
    Platform platform,
    String created,
    @Nullable GitState git,
    RunnerStore.Stored runner,
    Descriptor engine) {
  static final String BUILD_TYPE = "https://mlo.dev/provenance/build/v1";
  static final String BUILDER = "https://mlo.dev/provenance/builder/v1";

  byte[] write() throws IOException {
    ObjectNode predicate = Json.object();
    ObjectNode definition = predicate.putObject("buildDefinition").put("buildType", BUILD_TYPE);
    definition.set("externalParameters", parameters());
    definition.set("resolvedDependencies", dependencies());
    ObjectNode details = predicate.putObject("runDetails");
    details
        .putObject("builder")
        .put("id", BUILDER)
        .putObject("version")
        .put("mlo", Installation.version());
    if (!created.equals(ImageConfig.EPOCH)) {
      details.putObject("metadata").put("startedOn", created).put("finishedOn", created);
    }
    return new Statement(card.name(), image, Provenance.PREDICATE, predicate).write();
  }

  /// What to say of the artifact, so that a listing tells the statements of two commits apart.
  Map<String, String> annotations() {
    var annotations = new LinkedHashMap<String, String>();
    annotations.put(Statement.PREDICATE_TYPE, Provenance.PREDICATE);
    if (git != null && git.commit() != null) {
      annotations.put("org.opencontainers.image.revision", git.commit());
      if (git.committed() != null) {
        annotations.put(Provenance.COMMITTED, git.committed());
      }
    }
    return annotations;
  }

  /// What the author of the manifest decided or says.
  private ObjectNode parameters() {
    Path manifest = project.directory().relativize(project.manifest());
    ObjectNode node =
        Json.object()
            .put(
                "manifest",
                git == null
                    ? manifest.toString()
                    : Path.of(git.path()).resolve(manifest).toString())
            .put("name", card.name())
            .put("version", card.version())
            .put("model", project.directory().relativize(project.model().path()).toString())
            .put("format", card.format())
            .put("platform", platform.toString());
    for (String said : new String[] {"training", "metrics"}) {
      if (provenance().has(said)) {
        node.set(said, provenance().get(said));
      }
    }
    return node;
  }

  private JsonNode provenance() {
    return card.provenance() == null ? Json.object() : card.provenance();
  }

  private ArrayNode dependencies() throws IOException {
    ArrayNode list = Json.array();
    if (git != null && git.commit() != null) {
      list.add(source(git, git.commit()));
    }
    ObjectNode model = list.addObject().put("name", "model");
    digest(model, Digest.parse(card.digest()));
    annotations(model).put("of", "the list of files in the model card");
    if (card.files().size() <= ModelBill.MAX_FILES) {
      for (ModelCard.File file : card.files()) {
        digest(list.addObject().put("name", "model/" + file.path()), Digest.parse(file.digest()));
      }
    }
    for (JsonNode data : provenance().path("data")) {
      ObjectNode entry = list.addObject().put("name", "data/" + data.path("name").asText());
      if (data.path("digest").isTextual()) {
        digest(entry, Digest.parse(data.path("digest").textValue()));
        annotations(entry).put("path", data.path("path").asText());
      }
    }
    below(list);
    return list;
  }

  private static ObjectNode source(GitState git, String commit) {
    ObjectNode source = Json.object().put("name", Provenance.SOURCE);
    if (git.repository() != null) {
      source.put("uri", "git+" + git.repository().replaceFirst("^git\\+", ""));
    }
    source.putObject("digest").put("gitCommit", commit);
    ObjectNode more = annotations(source).put("dirty", git.dirty());
    if (git.committed() != null) {
      more.put("committed", git.committed());
    }
    return source;
  }

  /// The layers below the model's, by what they were made as.
  private void below(ArrayNode list) throws IOException {
    Map<String, String> labels = runner.config().labels();
    ObjectNode image = list.addObject().put("name", "runner");
    digest(image, runner.image().digest());
    image.put("mediaType", runner.image().mediaType());
    annotations(image).put("mlo", labels.getOrDefault(Labels.RUNNER_VERSION, ""));
    for (Descriptor layer : runner.manifest().layers()) {
      if (Labels.ROLE_BASE.equals(layer.annotations().get(Labels.LAYER_ROLE))) {
        ObjectNode base = list.addObject().put("name", "base");
        digest(base, layer.digest());
        base.put("mediaType", layer.mediaType());
        annotations(base).put("base", labels.getOrDefault(RunnerImage.BASE_LABEL, ""));
      }
    }
    ObjectNode last = list.addObject().put("name", "engine/" + card.format());
    digest(last, engine.digest());
    last.put("mediaType", engine.mediaType());
  }

  private static void digest(ObjectNode descriptor, Digest digest) {
    descriptor.putObject("digest").put(digest.algorithm(), digest.hex());
  }

  private static ObjectNode annotations(ObjectNode descriptor) {
    return descriptor.putObject("annotations");
  }
}
