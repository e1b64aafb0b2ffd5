package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes a project to start from, and the files with which a CI system builds and promotes it: the
/// files below `templates/`, with the model's name filled in.
public final class ProjectTemplate {
  private static final String MANIFEST_PLACE = "{{name}}";

  private ProjectTemplate() {}

  /// A format's project: trained, so that it can be built at once, with the script that trained it.
  public enum Format {
    ONNX,
    PMML;

    private List<String> files() {
      return switch (this) {
        case ONNX -> with("model.onnx");
        case PMML -> with("model.pmml");
      };
    }

    private static List<String> with(String model) {
      return List.of(
          "train.py",
          "train.ipynb",
          "requirements.txt",
          model,
          "metrics.json",
          "examples/one.json",
          "examples/one.expected.json",
          "examples/batch.json",
          "examples/batch.expected.json");
    }

    private String folder() {
      return name().toLowerCase(java.util.Locale.ROOT) + "/project/";
    }
  }

  /// A CI system, and where it looks for its file.
  public enum Ci {
    GITHUB(".github/workflows/mlo.yml", "ci/github.yml"),
    GITLAB(".gitlab-ci.yml", "ci/gitlab-ci.yml"),
    JENKINS("Jenkinsfile", "ci/Jenkinsfile");

    private final String target;
    private final String source;

    Ci(String target, String source) {
      this.target = target;
      this.source = source;
    }
  }

  /// @param name of the model; `null`: made of the directory's
  /// @param format `null`: the project is there, and only CI files are added
  /// @param ci which files to add
  /// @param force whether files that are there are replaced
  /// @param dryRun whether nothing is written
  public record Request(
      Path directory,
      @Nullable String name,
      @Nullable Format format,
      List<Ci> ci,
      boolean force,
      boolean dryRun) {}

  /// @param files relative to the directory, in the order in which they were written
  /// @param repository the top of the git work tree, when the directory is not it; CI systems look
  ///   there; else `null`
  /// @param trains whether a project was written, and not CI files only
  public record Result(
      Path directory,
      List<String> files,
      @Nullable Path repository,
      boolean trains,
      boolean written) {}

  /// @throws Failure MANIFEST when a file is there already, or there is no project to add to
  public static Result write(Request request) throws IOException {
    Path directory = request.format() == null ? existing(request) : place(request.directory());
    Map<String, byte[]> files = files(request, directory);
    refuseThoseThatAreThere(directory, files, request.force());
    if (!request.dryRun()) {
      Files.createDirectories(directory);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Drop.file(inside(directory, file.getKey()), file.getValue());
      }
      if (request.format() != null) {
        Drop.file(directory.resolve(".mlo/schema.json"), Json.pretty(ManifestSchema.json()));
      }
    }
    return new Result(
        directory,
        List.copyOf(files.keySet()),
        request.ci().isEmpty() ? null : above(directory),
        request.format() != null,
        !request.dryRun());
  }

  private static Path existing(Request request) throws IOException {
    Path directory = NewProject.existing(request.directory());
    ProjectReader.read(directory);
    return directory;
  }

  /// A new project may have a new directory.
  private static Path place(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return directory.toRealPath();
    }
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no directory".formatted(directory))
          .hint("mlo init --template onnx NEW-DIRECTORY");
    }
    return directory.toAbsolutePath().normalize();
  }

  /// The manifest comes last: a project that is half written is not taken for a whole one.
  private static Map<String, byte[]> files(Request request, Path directory) throws IOException {
    var files = new LinkedHashMap<String, byte[]>();
    Format format = request.format();
    if (format != null) {
      for (String file : format.files()) {
        files.put(file, load(format.folder() + file));
      }
      files.put(IgnoreFile.NAME, load(format.folder() + "mloignore"));
    }
    for (Ci ci : request.ci()) {
      files.put(ci.target, load(ci.source));
    }
    if (format != null) {
      String name = NewProject.name(request.name(), String.valueOf(directory.getFileName()));
      String manifest =
          new String(load(format.folder() + ProjectReader.MANIFEST), StandardCharsets.UTF_8);
      files.put(
          ProjectReader.MANIFEST,
          manifest.replace(MANIFEST_PLACE, Template.quoted(name)).getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }

  private static void refuseThoseThatAreThere(
      Path directory, Map<String, byte[]> files, boolean force) throws IOException {
    var there = new ArrayList<String>();
    for (String file : files.keySet()) {
      Path target = inside(directory, file);
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw Failure.of(ExitCode.MANIFEST, "`%s` is a directory".formatted(target));
      }
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        there.add(file);
      }
    }
    if (!there.isEmpty() && !force) {
      throw Failure.of(
              ExitCode.MANIFEST,
              there.size() == 1
                  ? "`%s` is there already".formatted(directory.resolve(there.getFirst()))
                  : "%d files are there already in `%s`".formatted(there.size(), directory))
          .why(there)
          .hint("mlo init --force with the same options replaces them");
    }
  }

  /// A link on the way must not lead what is written out of the project.
  private static Path inside(Path directory, String file) throws IOException {
    Path target = directory.resolve(file);
    Path folder = target.resolveSibling("");
    while (!folder.equals(directory) && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      folder = folder.resolveSibling("");
    }
    boolean isNew = !Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
    if (!isNew && !folder.toRealPath().startsWith(directory)) {
      throw Failure.of(
          ExitCode.MANIFEST, "`%s` leads out of the project through a link".formatted(folder));
    }
    return target;
  }

  private static @Nullable Path above(Path directory) {
    @Nullable GitState git = GitState.of(directory);
    if (git == null || git.path().isEmpty()) {
      return null;
    }
    Path top = directory;
    for (int i = 0; i < Path.of(git.path()).getNameCount(); i++) {
      top = top.resolveSibling("");
    }
    return top;
  }

  private static byte[] load(String file) throws IOException {
    String resource = "/dev/mlo/cli/templates/" + file;
    try (InputStream in = ProjectTemplate.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the template " + resource + " is not in the jar");
      }
      return in.readAllBytes();
    }
  }
}
