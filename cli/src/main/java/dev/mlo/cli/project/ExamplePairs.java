package dev.mlo.cli.project;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Golden examples that lie in a project's `examples` folder: `X.json` beside `X.expected.json`.
final class ExamplePairs {
  private static final String REQUEST = ".json";
  private static final String RESPONSE = ".expected.json";
  private static final int MAX = 20;

  private ExamplePairs() {}

  /// Paths relative to the project, with `/`.
  record Pair(String request, String response) {}

  /// At most twenty, sorted.
  static List<Pair> below(Path directory) throws IOException {
    Path folder = directory.resolve("examples");
    var pairs = new ArrayList<Pair>();
    if (!Files.isDirectory(folder)) {
      return pairs;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + RESPONSE)) {
      for (Path file : files) {
        String response = String.valueOf(file.getFileName());
        String request = response.substring(0, response.length() - RESPONSE.length()) + REQUEST;
        if (Files.isRegularFile(folder.resolve(request)) && Files.isRegularFile(file)) {
          pairs.add(new Pair("examples/" + request, "examples/" + response));
        }
      }
    }
    return pairs.stream().sorted(Comparator.comparing(Pair::request)).limit(MAX).toList();
  }
}
