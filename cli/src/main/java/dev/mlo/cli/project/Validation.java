package dev.mlo.cli.project;

import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.contract.Signature;
import java.nio.file.Path;
import java.util.List;

/// Checks a manifest and the model it names, without making anything.
public final class Validation {
  private Validation() {}

  /// What came of it.
  public sealed interface Outcome {
    record Sound(Project project, Path entry, Signature signature, List<String> notes)
        implements Outcome {}

    record Wrong(Path manifest, List<Violation> violations) implements Outcome {}
  }

  /// @throws Failure MANIFEST when there is no manifest, or the model cannot be served
  public static Outcome run(Path directory) {
    return switch (ProjectReader.check(directory)) {
      case ProjectReader.Reading.Sound(Project project) -> model(project);
      case ProjectReader.Reading.Wrong(Path manifest, List<Violation> violations) ->
          new Outcome.Wrong(manifest, violations);
    };
  }

  private static Outcome model(Project project) {
    Path entry = project.model().entry();
    ModelDescription model = ModelReader.read(entry);
    Signature signature = model.declared(project.model().inputs(), project.model().outputs());
    return new Outcome.Sound(project, entry, signature, model.notes());
  }
}
