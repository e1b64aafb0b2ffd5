package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What an installation brings along for images: Java, the runner, the engines.
record RunnerParts(Installation installation) {
  /// @throws Failure NOT_FOUND when a part is missing
  void require() {
    for (Path part : List.of(installation.java(), installation.runner(), installation.backends())) {
      if (!Files.exists(part)) {
        throw Failure.of(ExitCode.NOT_FOUND, "this installation of mlo is not complete")
            .why("`" + part + "` is missing")
            .hint("./install.sh   (in the sources, or with --from TARBALL)");
      }
    }
  }

  /// Everything of ours that asks for libraries of the base.
  List<Path> loaded() throws IOException {
    var files = new ArrayList<Path>();
    for (Path folder : List.of(installation.runtime(), installation.backends())) {
      for (Path file : new Folder(folder).files()) {
        if (String.valueOf(file.getFileName()).matches(".*\\.so(\\..*)?")) {
          files.add(file);
        }
      }
    }
    return files;
  }

  /// Of the runtime's programs only `java`; no caches of the command's own start.
  LayerWriter jre() throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.runtime())
        .addTo(
            layer,
            "opt/mlo/jre",
            path ->
                !(path.startsWith("bin/") && !path.equals("bin/java"))
                    && !path.startsWith("man/")
                    && !path.endsWith(".aot"));
    return layer;
  }

  LayerWriter runner() throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.runner()).addTo(layer, "opt/mlo/runner", path -> path.endsWith(".jar"));
    return layer;
  }

  LayerWriter engine(String format) throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.backends().resolve(format))
        .addTo(layer, "opt/mlo/backends/" + format, _ -> true);
    return layer;
  }

  /// The formats this installation has an engine for, sorted.
  List<String> formats() throws IOException {
    try (Stream<Path> folders = Files.list(installation.backends())) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .sorted()
          .toList();
    }
  }
}
