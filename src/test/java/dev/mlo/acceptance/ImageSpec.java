package dev.mlo.acceptance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The JSON schemas of the OCI image specification as Debian packages them, and somebody else's
/// validator for them. Nothing is fetched: a reference between them leads to the file beside.
final class ImageSpec {
  /// The names of the files, and below which address their references resolve.
  static final String LAYOUT = "image-layout-schema";

  static final String INDEX = "image-index-schema";
  static final String MANIFEST = "image-manifest-schema";
  static final String CONFIG = "config-schema";
  static final String DESCRIPTOR = "content-descriptor";
  private static final String BASE = "https://opencontainers.org/schema/";

  private final Path schemas;
  private final SchemaRegistry registry;

  private ImageSpec(Path schemas) {
    this.schemas = schemas;
    this.registry =
        SchemaRegistry.withDefaultDialect(
            Dialects.getDraft4(), builder -> builder.schemas(this::text));
  }

  /// Those that MLO_IMAGE_SPEC names, else those of the package
  /// golang-github-opencontainers-image-spec-dev; without either the test is left out.
  static ImageSpec ofThisMachine() {
    Path schemas =
        Path.of(
            System.getenv()
                .getOrDefault(
                    "MLO_IMAGE_SPEC",
                    "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema"));
    assumeTrue(
        Files.isRegularFile(schemas.resolve(MANIFEST + ".json")),
        "the package golang-github-opencontainers-image-spec-dev is missing");
    return new ImageSpec(schemas);
  }

  private @Nullable String text(String address) {
    Path file = schemas.resolve(address.substring(address.lastIndexOf('/') + 1));
    try {
      return address.startsWith(BASE) && Files.isRegularFile(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a schema has against a document.
  List<String> violations(String schema, JsonNode document) {
    Schema checked = registry.getSchema(SchemaLocation.of(BASE + "image/" + schema + ".json"));
    return Objects.requireNonNull(checked).validate(document).stream()
        .map(Error::toString)
        .toList();
  }
}
