package dev.mlo.backend.pmml;

import dev.mlo.backend.Backend;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.ModelFiles;
import dev.mlo.backend.Session;
import dev.mlo.pmml.document.PmmlDocument;
import dev.mlo.pmml.document.PmmlException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pmml4s.model.Model;

/// PMML models on PMML4S: one row after the other, on the caller's thread.
public final class PmmlBackend implements Backend {
  /// Found by [java.util.ServiceLoader].
  public PmmlBackend() {}

  @Override
  public String format() {
    return "pmml";
  }

  @Override
  public String platform() {
    return "pmml_pmml4";
  }

  @Override
  public Session open(Path directory, String entry, int threads) throws ModelException {
    Path file = ModelFiles.inside(directory, entry);
    try {
      // Before the engine sees a byte: its parser would follow a DOCTYPE.
      PmmlDocument document = PmmlDocument.read(file);
      if (!document.objections().isEmpty()) {
        throw new ModelException(entry + ": " + String.join("; ", document.objections()));
      }
      String text = text(file, document);
      if (PmmlDocument.mayDefineEntities(text)) {
        throw new ModelException("`%s` has a DOCTYPE".formatted(entry));
      }
      Model model = mended(entry, parse(entry, text));
      OpenCategories.seal(model);
      return PmmlSession.of(document, model);
    } catch (PmmlException e) {
      throw new ModelException("`%s` %s".formatted(entry, e.getMessage()), e);
    } catch (IOException e) {
      throw new ModelException("`%s` cannot be read: %s".formatted(entry, e.getMessage()), e);
    }
  }

  private static Model mended(String entry, Model read) throws ModelException {
    try {
      return Mending.mended(read);
    } catch (RuntimeException e) {
      throw new ModelException("%s: the engine refuses it: %s".formatted(entry, reason(e)), e);
    }
  }

  private static Model parse(String entry, String text) throws ModelException {
    Numerals.settle();
    MissingAware.settle();
    try {
      return ParserLimits.lifted(() -> Model.fromString(text));
    } catch (Exception | scala.NotImplementedError | StackOverflowError e) {
      // Scala declares no exceptions, so any may come.
      throw new ModelException("%s: the engine refuses it: %s".formatted(entry, reason(e)), e);
    }
  }

  /// The engine's exceptions often have no message, and Scala's name things as Scala does.
  static String reason(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.replaceAll("\\s+", " ").strip();
  }

  private static String text(Path file, PmmlDocument document) throws IOException, ModelException {
    try {
      return Charset.forName(document.encoding())
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString()
          .replaceFirst("^\uFEFF", "");
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw new ModelException(
          "`%s` is not encoded as %s".formatted(file.getFileName(), document.encoding()), e);
    }
  }
}
