package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import java.nio.file.Path;

/// Builds a project in a process of its own and prints the digest.
final class BuildOnce {
  private BuildOnce() {}

  public static void main(String[] args) throws Exception {
    Installation installation = new Installation(Path.of(args[0]));
    System.out.println(Fixture.build(installation, Path.of(args[1])).digest());
  }
}
