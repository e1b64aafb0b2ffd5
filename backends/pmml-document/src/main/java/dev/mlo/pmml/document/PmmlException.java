package dev.mlo.pmml.document;

/// A file that is no PMML document, or none that is read here. The message goes on from the file's
/// name: "has a DOCTYPE".
public final class PmmlException extends Exception {
  PmmlException(String message) {
    super(message);
  }

  PmmlException(String message, Throwable cause) {
    super(message, cause);
  }
}
