package dev.mlo.cli.demo;

import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorJson;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// A version of the example that was built, with what its golden examples ask and expect.
record Release(ImageBuild.Result built, List<Example> examples) {
  /// @param request the JSON that is sent
  record Example(String request, List<Tensor> expected, double tolerance) {}

  /// @param project as it was built; its files are read now, they change with the next version
  static Release of(ImageBuild.Result built, Project project) throws IOException {
    var examples = new ArrayList<Example>();
    for (Project.Example example : project.examples()) {
      examples.add(
          new Example(Files.readString(example.request()), expected(example), example.tolerance()));
    }
    return new Release(built, List.copyOf(examples));
  }

  private static List<Tensor> expected(Project.Example example) throws IOException {
    try {
      return TensorJson.outputs(Files.readAllBytes(example.response()));
    } catch (MalformedException e) {
      throw new IOException(example.response() + ": " + e.getMessage(), e);
    }
  }

  String version() {
    return built.card().version();
  }

  /// The examples that all releases have in common, each with the answer of each release.
  static List<Question> questions(List<Release> releases) {
    var questions = new ArrayList<Question>();
    List<Example> first = releases.getFirst().examples;
    for (int i = 0; i < first.size(); i++) {
      var expected = new LinkedHashMap<String, List<Tensor>>();
      for (Release release : releases) {
        Example same = release.examples.get(i);
        if (same.request.equals(first.get(i).request)) {
          expected.put(release.version(), same.expected);
        }
      }
      if (expected.size() == releases.size()) {
        questions.add(new Question(first.get(i).request, expected, first.get(i).tolerance));
      }
    }
    return questions;
  }
}
