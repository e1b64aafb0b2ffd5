package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerJava;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What an installation brings along for images: Java, the runner, the engines.
record RunnerParts(Installation installation) {
  /// In an engine's folder, the one of its native libraries.
  static final String NATIVE = "native";

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

  /// Whether the programs of this installation are for another platform than this one.
  static boolean isForeign(Platform platform) {
    return !platform.equals(Platform.current());
  }

  /// The native libraries of the engines for another platform.
  ///
  /// @throws Failure NOT_FOUND when this installation has none for it
  List<Path> natives(Platform platform) throws IOException {
    var files = new ArrayList<Path>();
    for (String format : formats()) {
      if (hasNatives(format)) {
        files.addAll(nativesOf(format, platform).files());
      }
    }
    return files;
  }

  private boolean hasNatives(String format) {
    return Files.isDirectory(installation.backends().resolve(format).resolve(NATIVE));
  }

  private Folder nativesOf(String format, Platform platform) {
    Path folder = natives(format, platform);
    if (!Files.isDirectory(folder)) {
      throw Failure.of(
              ExitCode.NOT_FOUND, "this installation cannot make a runner image for " + platform)
          .why("the engine %s has no libraries for it: there is no %s".formatted(format, folder))
          .hint("./install.sh   (the release carries those of linux/amd64 and linux/arm64)");
    }
    return new Folder(folder);
  }

  /// Where this installation keeps what an engine loads on another platform.
  Path natives(String format, Platform platform) {
    return installation
        .natives()
        .resolve(platform.os() + "-" + platform.architecture())
        .resolve(format);
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

  /// Whether this installation's Java starts the runner from a class-data archive.
  boolean isArchived() {
    return Files.exists(installation.runner().resolve(RunnerJava.ARCHIVE));
  }

  /// @param archived with what this installation's Java starts it from, which no other Java can use
  LayerWriter runner(boolean archived) throws IOException {
    LayerWriter layer = new LayerWriter();
    new Folder(installation.runner())
        .addTo(
            layer,
            "opt/mlo/runner",
            path -> path.endsWith(".jar") || (archived && path.equals(RunnerJava.ARCHIVE)));
    return layer;
  }

  /// An engine without native libraries is the same layer on every platform.
  LayerWriter engine(String format, Platform platform) throws IOException {
    LayerWriter layer = new LayerWriter();
    String place = "opt/mlo/backends/" + format;
    boolean foreign = isForeign(platform);
    new Folder(installation.backends().resolve(format))
        .addTo(layer, place, path -> !(foreign && path.startsWith(NATIVE + "/")));
    if (foreign && hasNatives(format)) {
      nativesOf(format, platform).addTo(layer, place + "/" + NATIVE, _ -> true);
    }
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
