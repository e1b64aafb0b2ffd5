package dev.mlo.cli.model;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Finds model files by their names.
final class ModelSearch {
  private static final List<String> PREFERRED = List.of("model.onnx", "model.pmml");
  private static final int MAX_DEPTH = 16;
  private static final int MAX_VISITED = 100_000;

  /// Folders that other tools fill.
  private static final Set<String> NOT_OURS =
      Set.of("node_modules", "__pycache__", "target", "venv", "site-packages");

  private ModelSearch() {}

  static Optional<Path> entry(Path fileOrDirectory) {
    if (!Files.isDirectory(fileOrDirectory)) {
      return Files.exists(fileOrDirectory) ? Optional.of(fileOrDirectory) : Optional.empty();
    }
    List<Path> found = candidates(fileOrDirectory);
    List<Path> preferred =
        PREFERRED.stream().map(fileOrDirectory::resolve).filter(found::contains).toList();
    if (preferred.size() == 1) {
      return Optional.of(preferred.getFirst());
    }
    if (found.size() > 1) {
      throw Failure.of(
              ExitCode.MANIFEST,
              "there are %d models in `%s`".formatted(found.size(), fileOrDirectory))
          .why(found.stream().map(p -> fileOrDirectory.relativize(p).toString()).toList())
          .hint("name one of them, or call the one to open " + String.join(" or ", PREFERRED));
    }
    return found.stream().findFirst();
  }

  static List<Path> candidates(Path directory) {
    var search = new Search(directory);
    try {
      Files.walkFileTree(
          directory, EnumSet.noneOf(java.nio.file.FileVisitOption.class), MAX_DEPTH, search);
    } catch (IOException e) {
      throw Failure.of(ExitCode.MANIFEST, "the directory `%s` cannot be read".formatted(directory))
          .why(String.valueOf(e.getMessage()))
          .cause(e);
    }
    return search.found.stream().sorted().toList();
  }

  private static boolean isOnnx(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  static boolean isPmml(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".pmml");
  }

  private static final class Search extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<Path> found = new ArrayList<>();
    private int visited;

    Search(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      String name = String.valueOf(directory.getFileName());
      boolean skip = !directory.equals(root) && (name.startsWith(".") || NOT_OURS.contains(name));
      return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = String.valueOf(file.getFileName());
      if ((isOnnx(name) || isPmml(name)) && !name.startsWith(".") && !attributes.isDirectory()) {
        found.add(file);
      }
      return ++visited > MAX_VISITED ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }
}
