package dev.mlo.oci;

import java.io.IOException;
import java.nio.file.FileSystemException;

/// A manifest, index or configuration that does not say what it must.
public final class DocumentException extends OciException {
  public DocumentException(String message) {
    super(message);
  }

  private DocumentException(String message, Throwable cause) {
    super(message, cause);
  }

  /// What a library says of bytes that it cannot take in. What the operating system refused, and
  /// failures that already say what they are, stay what they are.
  static IOException of(String doing, Exception e) {
    IOException failure = StoreException.of(doing, e);
    boolean told = e instanceof OciException || e instanceof FileSystemException;
    return failure instanceof StoreException && !told
        ? new DocumentException(String.valueOf(failure.getMessage()), e)
        : failure;
  }
}
