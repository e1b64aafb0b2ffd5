package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Printable;
import dev.mlo.contract.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What another tool's file says of a model, in the words of `mlops.yaml`: collected while the file
/// is read, each value either taken or left with a reason. A value that the manifest would not take
/// is never written.
final class Carried {
  /// The manifest's `name`, already a DNS label.
  static final String NAME = "name";

  static final String VERSION = "version";
  static final String DESCRIPTION = "description";
  static final String LICENSE = "license";

  /// `provenance.training.run`.
  static final String RUN = "run";

  /// `image.repository`.
  static final String REPOSITORY = "repository";

  /// `serve.workers`.
  static final String WORKERS = "workers";

  private final String tool;
  private final Path file;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final List<String> authors = new ArrayList<>();
  private final List<DataSet> data = new ArrayList<>();
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> outputs = new ArrayList<>();
  private final List<String> taken = new ArrayList<>();
  private final List<Migration.Left> left = new ArrayList<>();
  private @Nullable String parameters;
  private @Nullable Path model;
  private List<String> advice = List.of();

  /// @param path absolute
  record DataSet(String name, Path path) {}

  /// An input or output as the other tool declares it.
  ///
  /// @param name empty: the tool tells its tensors apart by their order, if at all
  record Tensor(String name, DataType datatype, Shape shape) {}

  /// @param file absolute and real
  Carried(String tool, Path file) {
    this.tool = tool;
    this.file = file;
  }

  /// Of a project that starts from nothing but a model.
  static Carried nothing() {
    return new Carried("", Path.of("/"));
  }

  /// Takes a text where there is none yet.
  ///
  /// @param theirs the key in the other tool's file
  void take(String key, Kind.Text kind, String theirs, String written) {
    String text = written.strip();
    if (!kind.takes(text)) {
      leave(theirs, "`mlops.yaml` takes %s".formatted(kind.expected()));
    } else if (texts.putIfAbsent(key, text) == null) {
      taken.add(theirs);
    } else if (!text.equals(texts.get(key))) {
      leave(theirs, "`%s` says `%s` already".formatted(key, texts.get(key)));
    }
  }

  void name(String theirs, String written) {
    take(NAME, ManifestKeys.NAME, theirs, NewProject.derived(written));
  }

  void version(String theirs, String written) {
    if (ProjectAssembly.DEFAULT_ENVIRONMENTS.contains(written)) {
      leave(theirs, "`%s` is the name of an environment".formatted(written));
    } else {
      take(VERSION, ManifestKeys.TAG, theirs, written);
    }
  }

  void author(String written) {
    if (ManifestKeys.LINE.takes(written.strip())) {
      authors.add(written.strip());
    }
  }

  void label(String key, String theirs, String written) {
    if (ManifestKeys.WORD.takes(key) && ManifestKeys.LINE.takes(written.strip())) {
      labels.put(key, written.strip());
      taken.add(theirs + " (a label)");
    } else {
      leave(theirs, "a label is a word with a text of one line");
    }
  }

  void dataSet(String theirs, String name, Path path) {
    data.add(new DataSet(name, path));
    taken.add(theirs);
  }

  /// Leaves data sets that the project does not hold, so that the manifest names none of them.
  ///
  /// @param directory absolute and real
  void keepDataBelow(Path directory) throws IOException {
    for (DataSet set : List.copyOf(data)) {
      Path real = set.path().toRealPath();
      if (!real.startsWith(directory) || !set.path().startsWith(directory)) {
        data.remove(set);
        leave("data set `%s`".formatted(set.name()), "it is not below " + directory);
      }
    }
  }

  void parameters(String theirs, Yaml value) {
    if (value instanceof Yaml.Mapping map
        && map.entries().stream().allMatch(e -> ManifestKeys.WORD.takes(e.key().text()))) {
      var fit = new ArrayList<Yaml.Entry>();
      for (Yaml.Entry entry : map.entries()) {
        if (StructureCheck.takes(entry.value(), new Kind.Free())) {
          fit.add(entry);
        } else {
          leave(
              theirs + "." + entry.key().text(),
              "`mlops.yaml` takes finite numbers, of at most 64 bits where they are whole");
        }
      }
      if (!fit.isEmpty()) {
        parameters = Template.flow(new Yaml.Mapping(map.at(), fit));
        taken.add(theirs);
      }
    } else {
      leave(theirs, "`model.parameters` takes words with values");
    }
  }

  /// A tensor; whether the model agrees is seen later.
  void input(Tensor tensor) {
    inputs.add(tensor);
  }

  void output(Tensor tensor) {
    outputs.add(tensor);
  }

  /// The model's file or directory, by a path relative to the file it is named in.
  void model(String theirs, String written) {
    String path = written.strip();
    if (!ManifestKeys.PATH.takes(path)) {
      leave(theirs, "`%s` is not %s".formatted(shown(path), ManifestKeys.PATH.expected()));
      return;
    }
    Path found = file.resolveSibling(path).normalize();
    if (Files.exists(found)) {
      model = found;
      taken.add(theirs);
    } else {
      leave(theirs, "there is no file `%s`".formatted(path));
    }
  }

  /// A path written in the file.
  Path beside(String path) {
    return file.resolveSibling(path).normalize();
  }

  /// What to do when neither the file names a model that is served nor one lies in the project: why
  /// not, then a command or an action.
  void advise(String why, String hint) {
    advice = List.of(why, hint);
  }

  void take(String theirs) {
    taken.add(theirs);
  }

  void leave(String theirs, String why) {
    left.add(new Migration.Left(shown(theirs), why));
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return Printable.shortened(line, 100);
  }

  Optional<String> text(String key) {
    return Optional.ofNullable(texts.get(key));
  }

  Map<String, String> labels() {
    return labels;
  }

  List<String> authors() {
    return authors;
  }

  List<DataSet> data() {
    return data;
  }

  List<Tensor> inputs() {
    return inputs;
  }

  List<Tensor> outputs() {
    return outputs;
  }

  Optional<String> parameters() {
    return Optional.ofNullable(parameters);
  }

  Optional<Path> model() {
    return Optional.ofNullable(model);
  }

  Migration migration() {
    return new Migration(tool, file, taken, left);
  }

  /// @throws Failure MANIFEST always: there is nothing that could be served
  Failure noModel(Path directory) {
    Failure failure =
        Failure.of(
            ExitCode.MANIFEST,
            "`%s` names no model that mlo serves, and there is none in `%s`"
                .formatted(file, directory));
    var why = new ArrayList<String>();
    if (!advice.isEmpty()) {
      why.add(advice.getFirst());
    }
    left.forEach(each -> why.add(each.what() + ": " + each.why()));
    Failure explained = failure.why(why.subList(0, Math.min(why.size(), 12)));
    return explained.hint(
        advice.isEmpty() ? "export the model to ONNX into the directory" : advice.getLast());
  }
}
