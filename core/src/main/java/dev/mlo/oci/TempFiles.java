package dev.mlo.oci;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files and folders of a directory that are being written. The name of each says which process
/// writes it, so that those of processes that died can be told from those still in the making.
public record TempFiles(Path directory) {
  private static final Pattern NAME =
      Pattern.compile("\\.tmp-(" + FileOwner.PATTERN + ")-[0-9a-f]{1,16}");

  /// A name that nobody uses; nothing exists there yet.
  public Path fresh() {
    return directory.resolve(
        ".tmp-%s-%x".formatted(FileOwner.me(), ThreadLocalRandom.current().nextLong()));
  }

  /// Removes what processes left that are no more. What cannot be removed stays: it harms nobody.
  public void sweep() {
    try {
      for (Path file : abandoned()) {
        delete(file);
      }
    } catch (IOException e) {
      return;
    }
  }

  /// What processes left that are no more.
  public List<Path> abandoned() throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".tmp-*")) {
      for (Path file : files) {
        if (isAbandoned(file)) {
          found.add(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /// Removes a file, or a folder with all it holds, if it is there. Links are not followed, and
  /// somebody else may be at the same work.
  public static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isAbandoned(Path file) throws IOException {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    return name.matches() && FileOwner.parse(name.group(1)).orElseThrow().hasLeft(file);
  }
}
