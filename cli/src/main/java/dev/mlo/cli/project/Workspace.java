package dev.mlo.cli.project;

import java.nio.file.Path;

/// Where a project keeps what `mlo` makes: everything below `.mlo`, nothing elsewhere.
public record Workspace(Path root) {
  public static Workspace of(Path project) {
    return new Workspace(project.resolve(".mlo"));
  }

  /// The project's own images, an OCI layout whose names are `NAME:TAG`.
  public Path store() {
    return root.resolve("store");
  }

  /// The default store of an environment, an OCI layout.
  public Path environment(String name) {
    return root.resolve("envs").resolve(name);
  }

  public Path ledger() {
    return root.resolve("ledger.git");
  }

  /// Runners started here: one `ID.json` (0600) each, with URLs, pid and token file.
  public Path run() {
    return root.resolve("run");
  }

  /// Where unfinished uploads stand.
  public Path uploads() {
    return root.resolve("uploads");
  }

  /// What builds found the model's files to hold.
  public Path buildIndex() {
    return root.resolve("build-index.json");
  }

  public Path locks() {
    return root.resolve("locks");
  }
}
