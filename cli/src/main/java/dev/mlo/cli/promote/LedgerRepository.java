package dev.mlo.cli.promote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.AndTreeFilter;
import org.eclipse.jgit.treewalk.filter.PathFilter;
import org.eclipse.jgit.treewalk.filter.TreeFilter;
import org.jspecify.annotations.Nullable;

/// A bare git repository with one branch of interest, worked on without a work tree: files are read
/// from commits, commits are put together in memory, and the branch moves by compare-and-swap.
final class LedgerRepository implements AutoCloseable {
  static final String BRANCH = "mlo/ledger";
  private static final String REF = Constants.R_HEADS + BRANCH;

  /// No file of a ledger comes near this; one that does is not ours. Bytes.
  private static final int LARGEST_FILE = 4 << 20;

  /// How an attempt to move the branch ended.
  enum Moved {
    /// The branch is at the new commit.
    DONE,
    /// It was not where the caller saw it.
    LOST,
    /// It is where the caller saw it, and git's own lock file is in the way.
    LOCKED
  }

  private final Repository git;

  private LedgerRepository(Repository git) {
    this.git = git;
  }

  /// Empty when there is no repository.
  static Optional<LedgerRepository> open(Path directory) throws IOException {
    if (!Files.isRegularFile(directory.resolve(Constants.HEAD))) {
      return Optional.empty();
    }
    IsolatedGit.install();
    return Optional.of(
        new LedgerRepository(
            new FileRepositoryBuilder().setGitDir(directory.toFile()).setBare().build()));
  }

  /// Opens the repository, making it first where there is none. It comes into being by one rename,
  /// so that nobody ever sees a part of it.
  static LedgerRepository create(Path directory) throws IOException {
    Optional<LedgerRepository> there = open(directory);
    if (there.isPresent()) {
      return there.get();
    }
    BareRepository.create(directory, REF);
    return open(directory).orElseThrow(() -> new IOException("no git repository: " + directory));
  }

  @Nullable ObjectId head() throws IOException {
    @Nullable Ref ref = git.exactRef(REF);
    return ref == null ? null : ref.getObjectId();
  }

  /// The file that stands while git moves the branch.
  Path lockFile() {
    return git.getDirectory().toPath().resolve(REF + ".lock");
  }

  Optional<byte[]> file(ObjectId commit, String path) throws IOException {
    try (RevWalk walk = new RevWalk(git);
        @Nullable TreeWalk at = TreeWalk.forPath(git, path, walk.parseCommit(commit).getTree())) {
      return at == null || !FileMode.REGULAR_FILE.equals(at.getRawMode(0))
          ? Optional.empty()
          : Optional.of(git.open(at.getObjectId(0), Constants.OBJ_BLOB).getBytes(LARGEST_FILE));
    }
  }

  /// All files below a folder by their full path; empty when there is no such folder.
  SortedMap<String, byte[]> files(ObjectId commit, String folder) throws IOException {
    var found = new TreeMap<String, byte[]>();
    for (Map.Entry<String, ObjectId> entry : ids(commit, folder).entrySet()) {
      found.put(
          entry.getKey(), git.open(entry.getValue(), Constants.OBJ_BLOB).getBytes(LARGEST_FILE));
    }
    return found;
  }

  /// Like [#files], without reading the contents.
  SortedMap<String, ObjectId> ids(ObjectId commit, String folder) throws IOException {
    var found = new TreeMap<String, ObjectId>();
    try (RevWalk walk = new RevWalk(git);
        @Nullable TreeWalk at = TreeWalk.forPath(git, folder, walk.parseCommit(commit).getTree())) {
      if (at == null || !at.isSubtree()) {
        return found;
      }
      try (TreeWalk below = new TreeWalk(git)) {
        below.addTree(at.getObjectId(0));
        below.setRecursive(true);
        while (below.next()) {
          found.put(folder + "/" + below.getPathString(), below.getObjectId(0));
        }
      }
    }
    return found;
  }

  /// The parents of a commit.
  List<ObjectId> parents(ObjectId commit) throws IOException {
    try (RevWalk walk = new RevWalk(git)) {
      RevCommit parsed = walk.parseCommit(commit);
      var parents = new ArrayList<ObjectId>();
      for (RevCommit parent : parsed.getParents()) {
        parents.add(parent.getId());
      }
      return parents;
    }
  }

  /// Removes objects that JGit was writing when its process was killed. Only for whoever holds the
  /// lock of the ledger: nobody else is writing then.
  void sweep() throws IOException {
    Path objects = git.getDirectory().toPath().resolve("objects");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(objects, "noz*.tmp")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  boolean isAncestor(ObjectId older, ObjectId newer) throws IOException {
    try (RevWalk walk = new RevWalk(git)) {
      return walk.isMergedInto(walk.parseCommit(older), walk.parseCommit(newer));
    }
  }

  boolean has(ObjectId commit) throws IOException {
    return git.getObjectDatabase().has(commit);
  }

  /// The files below a folder that `newer` no longer has as `older` had them.
  List<String> changed(ObjectId older, ObjectId newer, String folder) throws IOException {
    var found = new ArrayList<String>();
    try (RevWalk walk = new RevWalk(git);
        TreeWalk both = new TreeWalk(git)) {
      both.addTree(walk.parseCommit(older).getTree());
      both.addTree(walk.parseCommit(newer).getTree());
      both.setRecursive(true);
      both.setFilter(AndTreeFilter.create(PathFilter.create(folder), TreeFilter.ANY_DIFF));
      while (both.next()) {
        if (both.getRawMode(0) != 0) {
          found.add(both.getPathString());
        }
      }
    }
    return found;
  }

  /// Writes a commit that is `parent` with these files put in. The branch does not move.
  ObjectId commit(
      @Nullable ObjectId parent, Map<String, byte[]> files, String message, PersonIdent who)
      throws IOException {
    try (ObjectInserter inserter = git.newObjectInserter();
        ObjectReader reader = git.newObjectReader();
        RevWalk walk = new RevWalk(reader)) {
      DirCache tree =
          parent == null
              ? DirCache.newInCore()
              : DirCache.read(reader, walk.parseCommit(parent).getTree());
      DirCacheEditor editor = tree.editor();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        editor.add(new Put(file.getKey(), inserter.insert(Constants.OBJ_BLOB, file.getValue())));
      }
      editor.finish();
      var commit = new CommitBuilder();
      commit.setTreeId(tree.writeTree(inserter));
      if (parent != null) {
        commit.setParentId(parent);
      }
      commit.setAuthor(who);
      commit.setCommitter(who);
      commit.setEncoding(StandardCharsets.UTF_8);
      commit.setMessage(message);
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id;
    }
  }

  /// Moves the branch to `next` if it still is at `expected`.
  ///
  /// @param expected `null`: there must be no branch
  Moved move(@Nullable ObjectId expected, ObjectId next) throws IOException {
    RefUpdate update = git.updateRef(REF);
    update.setExpectedOldObjectId(expected == null ? ObjectId.zeroId() : expected);
    update.setNewObjectId(next);
    update.disableRefLog();
    RefUpdate.Result result = update.update();
    return switch (result) {
      case NEW, FAST_FORWARD, NO_CHANGE -> Moved.DONE;
      case LOCK_FAILURE -> java.util.Objects.equals(expected, head()) ? Moved.LOCKED : Moved.LOST;
      case REJECTED, FORCED, RENAMED -> Moved.LOST;
      case NOT_ATTEMPTED,
          IO_FAILURE,
          REJECTED_CURRENT_BRANCH,
          REJECTED_MISSING_OBJECT,
          REJECTED_OTHER_REASON ->
          throw new IOException("git could not move the branch " + BRANCH + ": " + result);
    };
  }

  @Override
  public void close() {
    git.close();
  }

  /// Puts a blob at a path, whatever was there.
  private static final class Put extends DirCacheEditor.PathEdit {
    private final ObjectId blob;

    Put(String path, ObjectId blob) {
      super(path);
      this.blob = blob;
    }

    @Override
    public void apply(DirCacheEntry entry) {
      entry.setFileMode(FileMode.REGULAR_FILE);
      entry.setObjectId(blob);
    }
  }
}
