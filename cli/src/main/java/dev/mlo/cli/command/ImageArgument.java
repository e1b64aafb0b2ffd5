package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The image a command works on: the one that is named, or the project's current version.
public final class ImageArgument {
  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(
      paramLabel = "IMAGE",
      arity = "0..1",
      description =
          "NAME:VERSION, HOST/REPOSITORY:TAG, oci:DIR[:NAME], tar:FILE, docker:NAME[:TAG] or"
              + " env:ENVIRONMENT (default:"
              + " the project's current version).")
  @Nullable String name;

  Images.Located open(ProjectOptions options, Console console) throws IOException {
    return registries.on(options.images(console)).open(name(options));
  }

  /// What was typed; without that, what the project's manifest calls its image.
  String name(ProjectOptions options) {
    if (name != null) {
      return name;
    }
    Project project = options.project();
    return project.version() == null ? project.name() : project.name() + ":" + project.version();
  }
}
