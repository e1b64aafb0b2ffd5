package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.contract.Printable;
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
    notes.addAll(leftOut(project.model()));
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

  /// What is left out of the model's directory though nobody wrote so in the manifest.
  private static List<String> leftOut(Project.Model model) {
    if (!Files.isDirectory(model.path())) {
      return List.of();
    }
    var search = new Search(model);
    try {
      Files.walkFileTree(model.path(), search);
    } catch (IOException e) {
      return List.of("what is left out of `%s` cannot be listed".formatted(model.path()));
    }
    var notes = new ArrayList<String>();
    if (!search.ignored.isEmpty()) {
      notes.add("`%s` leaves out %s".formatted(IgnoreFile.NAME, shown(search.ignored)));
    }
    if (!search.never.isEmpty()) {
      notes.add("hidden files and litter are left out: " + shown(search.never));
    }
    return notes;
  }

  private static String shown(List<String> names) {
    names.sort(Comparator.naturalOrder());
    String first = String.join(", ", names.subList(0, Math.min(names.size(), MAX_SHOWN)));
    return names.size() > MAX_SHOWN
        ? "%s and %d more".formatted(first, names.size() - MAX_SHOWN)
        : first;
  }

  private static final class Search extends SimpleFileVisitor<Path> {
    private final Path root;
    private final Excluded excluded;
    private final List<String> ignored = new ArrayList<>();
    private final List<String> never = new ArrayList<>();
    private int visited;

    Search(Project.Model model) {
      this.root = model.path();
      this.excluded = model.excluded();
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return isLeftOut(folder, true) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      boolean _ = isLeftOut(file, false);
      return ++visited > MAX_VISITED ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    private boolean isLeftOut(Path path, boolean folder) {
      if (path.equals(root)) {
        return false;
      }
      String name = Printable.of(root.relativize(path) + (folder ? "/" : ""));
      return Excluded.isNever(path)
          ? never.add(name)
          : excluded.ignored(path, folder) && ignored.add(name);
    }
  }
}
