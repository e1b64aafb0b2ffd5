package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.model.ModelDescription;
import dev.mlo.cli.model.ModelReader;
import dev.mlo.cli.project.Excluded;
import dev.mlo.cli.project.IgnoreFile;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of a model, found and looked at but not yet read.
///
/// @param files sorted by name
/// @param entry the name of the file the engine opens
record ModelFiles(List<SourceFile> files, String entry, ModelDescription description)
    implements ModelSource {
  private static final int MAX_FILES = 100_000;

  /// @throws Failure MANIFEST when the model cannot be served, or a file cannot be packaged
  static ModelFiles of(Project project) throws IOException {
    Path path = project.model().path();
    boolean directory = Files.isDirectory(path);
    Excluded excluded = project.model().excluded();
    Path entry = project.model().entry();
    ModelDescription description = ModelReader.read(entry);
    Path base = directory ? path : entry.resolveSibling("");
    Search search = new Search(project, base);
    if (directory) {
      search.folder(path, excluded);
    } else {
      search.file(entry);
      for (String external : description.externalFiles()) {
        Path file = entry.resolveSibling(external);
        if (!excluded.ignored(file, false)) {
          search.file(file);
        }
      }
    }
    search.found.sort(Comparator.comparing(SourceFile::name));
    ModelFiles files = new ModelFiles(search.found, base.relativize(entry).toString(), description);
    files.requireExternals(entry);
    return files;
  }

  @Override
  public String format() {
    return description.format();
  }

  @Override
  public Signature signature(Project project) {
    @Nullable String declared = project.model().format();
    if (declared != null && !declared.equals(format())) {
      throw Failure.of(
          ExitCode.MANIFEST,
          "the manifest says that the model's format is %s, the file is %s"
              .formatted(declared, format()));
    }
    return description.declared(project.model().inputs(), project.model().outputs());
  }

  @Override
  public Set<String> unranked() {
    return description.unranked();
  }

  @Override
  public List<String> notes() {
    return description.notes();
  }

  @Override
  public Optional<Digest> runner() {
    return Optional.empty();
  }

  @Override
  public List<ModelCard.File> read(Contents contents) throws IOException {
    contents.read(files);
    return contents.files();
  }

  @Override
  public List<Layer> layers(Contents contents, byte[] card, Examples examples) throws IOException {
    return contents.layers(card, examples);
  }

  /// What the model refers to must be in the image under the same name.
  private void requireExternals(Path entry) {
    Set<String> names = new HashSet<>();
    files.forEach(file -> names.add(file.name()));
    Path folder = Path.of(this.entry).resolveSibling("");
    List<String> missing =
        description.externalFiles().stream()
            .filter(external -> !names.contains(folder.resolve(external).normalize().toString()))
            .toList();
    if (!missing.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "`" + entry + "` refers to files that are left out")
          .why(missing)
          .hint(
              missing.stream().map(Path::of).anyMatch(Excluded::isNever)
                  ? "rename them: names that begin with a dot are always left out"
                  : "drop the pattern below `model.exclude` or in `%s` that matches them"
                      .formatted(IgnoreFile.NAME));
    }
  }

  private static final class Search {
    private final Project project;
    private final Path base;
    private final List<SourceFile> found = new ArrayList<>();

    Search(Project project, Path base) {
      this.project = project;
      this.base = base;
    }

    void folder(Path folder, Excluded excluded) throws IOException {
      folder(folder, excluded, Set.of());
    }

    private void folder(Path folder, Excluded excluded, Set<Path> above) throws IOException {
      Path real = inside(folder);
      if (above.contains(real)) {
        throw refuse(folder, "is a link to a folder it lies in");
      }
      Set<Path> path = new HashSet<>(above);
      path.add(real);
      for (Path child : children(folder)) {
        boolean skipped =
            Excluded.isNever(child)
                || child.equals(project.manifest())
                || excluded.matches(child, Files.isDirectory(child));
        if (!skipped && Files.isDirectory(child)) {
          folder(child, excluded, path);
        } else if (!skipped) {
          file(child);
        }
      }
    }

    private static List<Path> children(Path folder) throws IOException {
      try (Stream<Path> children = Files.list(folder)) {
        return children.toList();
      } catch (AccessDeniedException e) {
        throw refuse(folder, "may not be read").cause(e);
      }
    }

    void file(Path file) throws IOException {
      Path real = inside(file);
      if (!Files.isRegularFile(real)) {
        throw refuse(file, "is a pipe, a socket or a device");
      }
      if (!Files.isReadable(real)) {
        throw refuse(file, "may not be read");
      }
      String name = base.relativize(file).toString();
      requireName(name);
      found.add(new SourceFile(name, file, FileStamp.of(real)));
      if (found.size() > MAX_FILES) {
        throw refuse(base, "holds more than " + MAX_FILES + " files");
      }
    }

    private Path inside(Path path) throws IOException {
      if (!Files.exists(path)) {
        throw refuse(
            path,
            Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                ? "is a link to something that does not exist"
                : "does not exist");
      }
      Path real = path.toRealPath();
      if (!real.startsWith(project.directory())) {
        throw refuse(path, "leads out of the project through a link");
      }
      return real;
    }

    private static void requireName(String name) {
      if (name.equals(Labels.CARD_FILE) || name.startsWith(Labels.EXAMPLES_DIRECTORY + "/")) {
        throw refuse(name, "has a name that mlo uses itself in the image");
      }
      if (name.chars().anyMatch(c -> Character.isISOControl(c) || c == '\ufffd')) {
        throw refuse(
                name.replaceAll("\\p{Cntrl}", "?"),
                "has a name with control characters, or one that is not UTF-8")
            .hint("rename it; if the name looks right, set LC_ALL=C.UTF-8");
      }
    }

    private static Failure refuse(Path path, String why) {
      return refuse(path.toString(), why);
    }

    private static Failure refuse(String path, String why) {
      return Failure.of(ExitCode.MANIFEST, "`%s` cannot be packaged".formatted(path))
          .why("it " + why);
    }
  }
}
