package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.cli.project.Workspace;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Which project a command works in.
public final class ProjectOptions {
  @Option(
      names = {"-C", "--project"},
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The project's directory (default: the current one).")
  Path directory = Path.of(".");

  Project project() {
    return ProjectReader.read(directory);
  }

  /// For commands that open images; the manifest is read only when a name needs it.
  Images images() {
    return Images.in(directory);
  }

  /// The same, which tells what one waits for.
  Images images(Console console) {
    return images().telling(new PlacesNarration(console));
  }

  /// For commands that work without a manifest.
  Workspace workspace() {
    return Workspace.of(directory.toAbsolutePath().normalize());
  }
}
