package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.contract.Signature;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Checks a manifest and the model it names, without making anything.
public final class Validation {
  private static final int MAX_SHOWN = 5;
  private static final int MAX_VISITED = 100_000;

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
    requireExternals(project.model(), entry, model);
    var notes = new ArrayList<>(model.notes());
    ignored(project.model()).ifPresent(notes::add);
    return new Outcome.Sound(project, entry, signature, notes);
  }

  /// A build would refuse it: the model could not be opened in the image.
  private static void requireExternals(Project.Model model, Path entry, ModelDescription read) {
    Excluded excluded = model.excluded();
    List<String> missing =
        read.externalFiles().stream()
            .filter(external -> excluded.ignored(entry.resolveSibling(external).normalize(), false))
            .toList();
    if (!missing.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "`" + entry + "` refers to files that are left out")
          .why(missing)
          .hint("drop the pattern in `%s` that matches them".formatted(IgnoreFile.NAME));
    }
  }

  /// What the ignore file leaves out of the model's directory.
  private static Optional<String> ignored(Project.Model model) {
    if (model.ignore().isEmpty() || !Files.isDirectory(model.path())) {
      return Optional.empty();
    }
    Excluded excluded = model.excluded();
    var names = new ArrayList<String>();
    try {
      Files.walkFileTree(
          model.path(),
          new SimpleFileVisitor<>() {
            private int visited;

            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              if (excluded.ignored(folder, true)) {
                names.add(model.path().relativize(folder) + "/");
                return FileVisitResult.SKIP_SUBTREE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (excluded.ignored(file, false)) {
                names.add(model.path().relativize(file).toString());
              }
              return ++visited > MAX_VISITED ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      return Optional.of("what `%s` leaves out cannot be listed".formatted(IgnoreFile.NAME));
    }
    names.sort(Comparator.naturalOrder());
    String shown = String.join(", ", names.subList(0, Math.min(names.size(), MAX_SHOWN)));
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "`%s` leaves out %s%s"
                .formatted(
                    IgnoreFile.NAME,
                    shown,
                    names.size() > MAX_SHOWN
                        ? " and %d more".formatted(names.size() - MAX_SHOWN)
                        : ""));
  }
}
