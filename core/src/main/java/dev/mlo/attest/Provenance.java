package dev.mlo.attest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import org.jspecify.annotations.Nullable;

/// Where an image comes from, in short, as its SLSA provenance says.
///
/// @param commit in hex; `null`: it was built outside git
/// @param dirty whether files differed from the commit
/// @param repository the commit's repository; `null`: it has no address
/// @param builder the version of `mlo` that built the image
public record Provenance(
    @Nullable String commit, boolean dirty, @Nullable String repository, String builder) {
  /// The predicate of SLSA provenance, version 1.
  public static final String PREDICATE = "https://slsa.dev/provenance/v1";

  /// The name of the commit among the resolved dependencies.
  public static final String SOURCE = "source";

  /// On an artifact: when the commit was made. It orders statements without anyone's clock.
  public static final String COMMITTED = "dev.mlo.source.committed";

  /// @param subject what the statement must be about
  /// @throws DocumentException when it is none, or about something else
  public static Provenance parse(byte[] bytes, Digest subject) throws DocumentException {
    Statement statement = Statement.parse(bytes);
    if (!statement.predicateType().equals(PREDICATE) || !statement.subject().equals(subject)) {
      throw new DocumentException("provenance: it is no SLSA provenance of " + subject);
    }
    JsonNode source = Json.object();
    for (JsonNode dependency :
        statement.predicate().path("buildDefinition").path("resolvedDependencies")) {
      if (dependency.path("name").asText().equals(SOURCE)) {
        source = dependency;
      }
    }
    return new Provenance(
        source.path("digest").path("gitCommit").textValue(),
        source.path("annotations").path("dirty").asBoolean(),
        source.path("uri").textValue(),
        statement.predicate().at("/runDetails/builder/version/mlo").asText());
  }
}
