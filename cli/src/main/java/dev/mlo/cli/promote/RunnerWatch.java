package dev.mlo.cli.promote;

import java.io.IOException;
import java.net.URI;
import java.util.List;

/// Finds the runners of a project and asks each what it serves.
public interface RunnerWatch {
  /// The runners started on this machine for this project.
  List<RunnerSighting> local() throws IOException;

  /// The runners an environment names, in its order.
  List<RunnerSighting> named(List<URI> runners) throws IOException;
}
