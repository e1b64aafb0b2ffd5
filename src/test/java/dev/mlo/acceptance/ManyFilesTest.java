package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Five hundred small files, and names that people really give: composed and decomposed accents
/// side by side, spaces, emoji, quotes, a leading dash.
@ExtendWith(Installed.class)
class ManyFilesTest {
  private static final List<String> NAMES =
      List.of(
          "\u00e9.txt",
          "e\u0301.txt",
          "\u00dcn\u00efcode \u65e5\u672c/\ud83d\ude00/a b.txt",
          "it's \"quoted\".txt",
          "-dash.txt",
          "%41.txt",
          "a".repeat(180) + ".txt");

  @TempDir Path folder;

  private static Map<String, String> contents(Path model) throws Exception {
    var contents = new TreeMap<String, String>();
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".onnx")) {
          contents.put(model.relativize(file).toString(), Files.readString(file));
        }
      }
    }
    return contents;
  }

  private static void write(Path file, String text) throws Exception {
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }

  @Test
  void theyAreBuiltPushedPulledAndServed(Mlo user) throws Exception {
    Path project = Files.createDirectory(folder.resolve("here"));
    IrisProject.lay(project, "1.0.0");
    Path model = Files.createDirectory(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), model.resolve("model.onnx"));
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("model: model.onnx", "model: model"));
    for (int i = 0; i < 500; i++) {
      write(model.resolve("part%02d/f%03d.txt".formatted(i % 20, i)), "x".repeat(i));
    }
    for (String name : NAMES) {
      write(model.resolve(name), name);
    }
    Mlo mlo = user.in(project);
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.stderr()).isZero();
    try (LocalRegistry registry = LocalRegistry.start(folder.resolve("registry"))) {
      String name = registry.host() + "/ml/iris:1.0.0";
      assertThat(mlo.run("push", "-q", "iris:1.0.0", name).exit()).isZero();
      Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
      Mlo there = user.in(elsewhere);
      assertThat(there.run("pull", "-q", name).word()).isEqualTo(built.word());

      try (ServedModel served = ServedModel.start(there, elsewhere, "iris:1.0.0");
          HttpClient client = HttpClient.newHttpClient()) {
        byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
        assertThat(served.infer(client, request).body()).contains("setosa");
      }
    }
    try (Stream<Path> layers = Files.list(there(user))) {
      Path models =
          layers.map(layer -> layer.resolve("models")).filter(Files::isDirectory).findFirst().get();
      Map<String, String> unpacked = contents(models);
      unpacked.keySet().removeIf(name -> name.startsWith("mlops."));
      assertThat(unpacked).isEqualTo(contents(model)).hasSize(500 + NAMES.size());
    }
  }

  private static Path there(Mlo user) {
    return user.home().resolve(".cache/mlo/layers");
  }
}
