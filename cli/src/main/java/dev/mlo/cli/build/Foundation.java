package dev.mlo.cli.build;

import dev.mlo.oci.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a runner image stands on, in the store already.
///
/// @param layers the lowest ones of the image
/// @param environment `NAME=value`, more than the runner's own
/// @param labels what is said of the base, and what it says of itself
/// @param libraries of this machine that are in the layers, by their path there; none on a base
///   that brings its own
/// @param java of the base, where it is used; `null`: this installation's goes upon the base
record Foundation(
    Platform platform,
    List<Layer> layers,
    List<String> environment,
    Map<String, String> labels,
    Map<String, Path> libraries,
    @Nullable BaseJava java) {
  Foundation {
    layers = List.copyOf(layers);
    environment = List.copyOf(environment);
  }
}
