package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A store that cannot be read or written: not a layout, read-only, full, locked.
public final class StoreException extends OciException {
  private final @Nullable String remedy;

  public StoreException(String message) {
    this(message, null, null);
  }

  public StoreException(String message, Throwable cause) {
    this(message, cause, null);
  }

  /// @param remedy what to type instead
  public StoreException(String message, @Nullable Throwable cause, @Nullable String remedy) {
    super(message, cause);
    this.remedy = remedy;
  }

  /// What to try, as a person types it, where that is known.
  public Optional<String> remedy() {
    return Optional.ofNullable(remedy);
  }

  /// What the operating system refused, in words; failures that already say what they are, and
  /// interruptions, stay as they are.
  static IOException of(String doing, Exception e) {
    return switch (e) {
      case OciException known -> known;
      case InterruptedIOException interrupted -> interrupted;
      case ClosedByInterruptException interrupted -> interrupted;
      default -> new StoreException("cannot " + doing + ": " + reason(e), e);
    };
  }

  private static String reason(Exception e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied for " + denied.getFile();
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      case ReadOnlyFileSystemException _ -> "the file system is read-only";
      case FileSystemException other when other.getReason() != null ->
          other.getReason() + " (" + other.getFile() + ")";
      case IOException other -> String.valueOf(other.getMessage());
      default -> e.toString();
    };
  }
}
