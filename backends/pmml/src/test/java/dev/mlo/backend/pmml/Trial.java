package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Documents that are tried out, one at a time.
record Trial(Path directory) {
  private Path write(String document) throws Exception {
    return Files.writeString(directory.resolve("model.pmml"), document);
  }

  Rows open(String document) throws Exception {
    return Rows.open(write(document));
  }

  void refuses(String document, String... reasons) throws Exception {
    Path file = write(document);
    assertThatThrownBy(() -> Rows.open(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.pmml")
        .hasMessageContainingAll(reasons);
  }
}
