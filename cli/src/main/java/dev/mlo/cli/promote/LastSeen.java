package dev.mlo.cli.promote;

import dev.mlo.cli.project.Workspace;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;

/// The last commit of the ledger this project has seen, kept outside the ledger: whoever rewrites
/// the whole ledger, chain and all, does not rewrite this.
record LastSeen(Path folder) {
  static LastSeen of(Workspace workspace) {
    return new LastSeen(workspace.root().resolve("state"));
  }

  private Path file() {
    return folder.resolve("ledger-head");
  }

  void note(ObjectId commit) throws IOException {
    Files.createDirectories(folder);
    TempFiles temporaries = new TempFiles(folder);
    temporaries.sweep();
    Path made = temporaries.fresh();
    try {
      Files.write(made, (commit.name() + "\n").getBytes(StandardCharsets.US_ASCII));
      Files.move(made, file(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  Optional<ObjectId> commit() throws IOException {
    try {
      String text = Files.readString(file(), StandardCharsets.US_ASCII).strip();
      return ObjectId.isId(text) ? Optional.of(ObjectId.fromString(text)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
