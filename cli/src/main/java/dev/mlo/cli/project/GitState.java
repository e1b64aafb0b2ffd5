package dev.mlo.cli.project;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.jspecify.annotations.Nullable;

/// What git knows of a project's directory.
///
/// @param commit of HEAD, in hex; `null`: there is none yet
/// @param committed when, UTC, ISO 8601; `null`: there is no commit
/// @param dirty whether tracked files below the directory differ from HEAD
/// @param describe the newest tag and how far HEAD is from it; `null`: there is no tag
/// @param repository the address of `origin`, or of the only remote, without credentials; `null`:
///   there is none that means something on another machine
/// @param path of the directory below the work tree, empty for the work tree itself
public record GitState(
    @Nullable String commit,
    @Nullable String committed,
    boolean dirty,
    @Nullable String describe,
    @Nullable String repository,
    String path) {
  /// A repository that is there and cannot be read.
  ///
  /// @param why in one clause
  /// @param remedy a command that finds out more, or mends it
  public record Unreadable(String why, String remedy) {}

  /// `null`: the directory is in no git work tree, or one that cannot be read.
  public static @Nullable GitState of(Path directory) {
    return of(directory, _ -> {});
  }

  /// @param unreadable told of a repository that is there and cannot be read
  public static @Nullable GitState of(Path directory, Consumer<Unreadable> unreadable) {
    var builder = new FileRepositoryBuilder();
    builder.findGitDir(new File(directory.toAbsolutePath().toString()));
    if (builder.getGitDir() == null) {
      return null;
    }
    // JGit tells of a broken configuration, and of forms of git it does not know, in exceptions of
    // every kind. A build needs none of it.
    try (Repository repository = builder.build()) {
      return repository.isBare() ? null : read(repository, directory);
    } catch (IOException | GitAPIException | RuntimeException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      unreadable.accept(
          new Unreadable(
              "the git repository `%s` cannot be read (%s)".formatted(builder.getGitDir(), why),
              e instanceof OtherNames
                  ? "git init --object-format=sha1   (elsewhere, and move the project there; builds"
                      + " work here too, but name no commit)"
                  : "git fsck && git status"));
      return null;
    }
  }

  /// Git reads these objects, JGit does not.
  private static final class OtherNames extends IOException {
    OtherNames(String names) {
      super("its objects have " + names + " names");
    }
  }

  private static GitState read(Repository repository, Path directory)
      throws IOException, GitAPIException {
    // JGit takes half of such a name for another one.
    @Nullable String names = repository.getConfig().getString("extensions", null, "objectFormat");
    if (names != null && !names.equals("sha1")) {
      throw new OtherNames(names);
    }
    Path root = repository.getWorkTree().toPath().toRealPath();
    String below = root.relativize(directory.toRealPath()).toString();
    @Nullable String address = address(repository);
    ObjectId head = repository.resolve("HEAD");
    if (head == null) {
      return new GitState(null, null, true, null, address, below);
    }
    try (Git git = new Git(repository)) {
      return new GitState(
          head.name(),
          committed(repository, head),
          isDirty(git, below),
          git.describe().setTags(true).call(),
          address,
          below);
    }
  }

  private static String committed(Repository repository, ObjectId head) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return Instant.ofEpochSecond(walk.parseCommit(head).getCommitTime()).toString();
    }
  }

  private static boolean isDirty(Git git, String below) throws GitAPIException {
    var status = git.status();
    return (below.isEmpty() ? status : status.addPath(below)).call().hasUncommittedChanges();
  }

  private static @Nullable String address(Repository repository) {
    Set<String> remotes = repository.getRemoteNames();
    String remote = remotes.size() == 1 ? remotes.iterator().next() : "origin";
    @Nullable String url = repository.getConfig().getString("remote", remote, "url");
    return url == null ? null : RepositoryAddress.withoutSecrets(url);
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
