package dev.mlo.cli.project;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.jspecify.annotations.Nullable;

/// What git knows of a project's directory.
///
/// @param commit of HEAD, in hex; `null`: there is none yet
/// @param dirty whether tracked files below the directory differ from HEAD
/// @param describe the newest tag and how far HEAD is from it; `null`: there is no tag
public record GitState(@Nullable String commit, boolean dirty, @Nullable String describe) {
  /// `null`: the directory is in no git work tree, or one that cannot be read.
  public static @Nullable GitState of(Path directory) {
    var builder = new FileRepositoryBuilder();
    builder.findGitDir(new File(directory.toAbsolutePath().toString()));
    if (builder.getGitDir() == null) {
      return null;
    }
    try (Repository repository = builder.build()) {
      return repository.isBare() ? null : read(repository, directory);
    } catch (IOException | GitAPIException e) {
      return null;
    }
  }

  private static GitState read(Repository repository, Path directory)
      throws IOException, GitAPIException {
    ObjectId head = repository.resolve("HEAD");
    if (head == null) {
      return new GitState(null, true, null);
    }
    try (Git git = new Git(repository)) {
      return new GitState(
          head.name(), isDirty(git, directory), git.describe().setTags(true).call());
    }
  }

  private static boolean isDirty(Git git, Path directory) throws IOException, GitAPIException {
    Path root = git.getRepository().getWorkTree().toPath().toRealPath();
    String below = root.relativize(directory.toRealPath()).toString();
    var status = git.status();
    return (below.isEmpty() ? status : status.addPath(below)).call().hasUncommittedChanges();
  }

  /// The version that git gives a project without one of its own: the tag, without a `v` in front
  /// of a digit, and `-dirty` where files differ; `null` when there is none that can be an image
  /// tag. A `+` becomes `-`.
  public @Nullable String version() {
    if (describe == null) {
      return null;
    }
    String tag = describe.substring(describe.lastIndexOf('/') + 1).replace('+', '-');
    String version = (tag.matches("v[0-9].*") ? tag.substring(1) : tag) + (dirty ? "-dirty" : "");
    return ManifestKeys.TAG.takes(version) ? version : null;
  }
}
