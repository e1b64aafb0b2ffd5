package dev.mlo.cli.project;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A place a model is promoted to.
///
/// @param store the OCI layout that holds the environment's images
/// @param after the environment a version must have been in before; `null` for the first
/// @param runners the admin URLs of the runners that serve it
public record Environment(
    String name, Path store, @Nullable String after, boolean testsRequired, List<URI> runners) {
  public Environment {
    runners = List.copyOf(runners);
  }
}
