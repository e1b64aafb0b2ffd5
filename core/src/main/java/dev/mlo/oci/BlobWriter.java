package dev.mlo.oci;

import java.io.IOException;
import java.io.OutputStream;

/// Something that can write its own bytes: a tar, a document, a file.
@FunctionalInterface
public interface BlobWriter {
  void writeTo(OutputStream out) throws IOException;
}
