package dev.mlo.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What every engine asks of the files it opens.
public final class ModelFiles {
  private ModelFiles() {}

  /// The real path of the file to open. A link that leads out of the directory is refused, for the
  /// card's digests speak of the files inside it; so is what is no file, a pipe for example, on
  /// which an engine would wait for ever.
  ///
  /// @param entry relative to `directory`
  public static Path inside(Path directory, String entry) throws ModelException {
    try {
      Path root = directory.toRealPath();
      Path file = root.resolve(entry).toRealPath();
      if (file.equals(root) || !file.startsWith(root)) {
        throw new ModelException("`" + entry + "` is not inside the model's directory");
      }
      if (!Files.isRegularFile(file)) {
        throw new ModelException("`" + entry + "` in the model's directory is no file");
      }
      return file;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelException("`" + entry + "` cannot be opened in the model's directory", e);
    }
  }
}
