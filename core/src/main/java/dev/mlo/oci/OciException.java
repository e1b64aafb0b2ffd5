package dev.mlo.oci;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Something is wrong with an image or with the place it lies in. The kinds are closed: whoever
/// turns them into an exit code handles each.
public abstract sealed class OciException extends IOException
    permits NotFoundException,
        DigestMismatchException,
        DocumentException,
        StoreException,
        ConflictException,
        DeniedException,
        UnavailableException {
  OciException(String message) {
    super(message);
  }

  OciException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
