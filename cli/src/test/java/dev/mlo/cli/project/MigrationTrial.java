package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// A folder `flowers` with what another tool left, which is to become a project.
record MigrationTrial(Path directory) {
  private static final Path IRIS =
      (Files.isDirectory(Path.of("examples")) ? Path.of("examples") : Path.of("../examples"))
          .resolve("iris/1.0.0/model.onnx");

  static MigrationTrial in(Path temporary) throws IOException {
    return new MigrationTrial(Files.createDirectories(temporary.toRealPath().resolve("flowers")));
  }

  Path put(String name, String text) throws IOException {
    return Files.writeString(place(name), text);
  }

  /// Puts the iris model there.
  Path model(String name) throws IOException {
    return Files.copy(IRIS, place(name));
  }

  private Path place(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    return file;
  }

  /// @param path of what the other tool left
  NewProject.Result from(String path) throws IOException {
    return NewProject.create(new NewProject.Request(directory, null, Path.of(path), false, false));
  }

  Failure refusal(String path) {
    Failure failure = catchThrowableOfType(Failure.class, () -> from(path));
    assertThat(directory.resolve("mlops.yaml")).doesNotExist();
    return Objects.requireNonNull(failure);
  }

  /// Why something was not carried over; `not left` when it was, or was passed over.
  String reason(NewProject.Result result, String what) {
    return result.migration().left().stream()
        .filter(left -> left.what().equals(what))
        .map(Migration.Left::why)
        .findFirst()
        .orElse("not left");
  }
}
