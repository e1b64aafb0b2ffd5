package dev.mlo.cli.model;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Printable;
import dev.mlo.onnx.ModelFormatException;
import dev.mlo.onnx.OnnxDescription;
import dev.mlo.pmml.document.PmmlDocument;
import dev.mlo.pmml.document.PmmlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what a model file says of itself: as a stream, without its weights, without its engine.
public final class ModelReader {
  /// The format's word in a model card.
  public static final String ONNX = "onnx";

  public static final String PMML = "pmml";

  private static final int HEAD = 64;

  private ModelReader() {}

  /// @param entry the file the engine would open
  /// @throws Failure MANIFEST when the file is no model or cannot be served
  public static ModelDescription read(Path entry) {
    requireFile(entry);
    try {
      String head = head(entry);
      if (PmmlJudge.isLikely(head)) {
        return pmml(entry);
      }
      boolean pmml = ModelSearch.isPmml(String.valueOf(entry.getFileName()));
      requireLikely(entry, head, pmml ? "a PMML" : "an ONNX");
      return pmml ? pmml(entry) : describe(entry, OnnxDescription.read(entry));
    } catch (ModelFormatException e) {
      throw broken(entry, e);
    } catch (PmmlException e) {
      throw refuse(entry, Printable.of(String.valueOf(e.getMessage()))).cause(e);
    } catch (AccessDeniedException e) {
      throw refuse(entry, "may not be read").why("permission denied").cause(e);
    } catch (IOException e) {
      throw refuse(entry, "cannot be read").why(String.valueOf(e.getMessage())).cause(e);
    }
  }

  private static ModelDescription pmml(Path entry) throws IOException, PmmlException {
    var judge = new PmmlJudge(PmmlDocument.read(entry));
    if (!judge.objections().isEmpty()) {
      throw refuse(entry, "cannot be served").why(judge.objections());
    }
    return judge.description();
  }

  /// The file an engine would open: the file itself, or in a directory its only model, or the one
  /// called `model.onnx` or `model.pmml` directly in it.
  ///
  /// @throws Failure MANIFEST when there are several and none is preferred
  public static Optional<Path> findEntry(Path fileOrDirectory) {
    return ModelSearch.entry(fileOrDirectory);
  }

  /// Every file below a directory that looks like a model, sorted; hidden folders are left out.
  public static List<Path> candidates(Path directory) {
    return ModelSearch.candidates(directory);
  }

  private static void requireFile(Path entry) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(entry, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw refuse(entry, "does not exist").cause(e);
    } catch (AccessDeniedException e) {
      throw refuse(entry, "may not be read").why("permission denied").cause(e);
    } catch (IOException e) {
      throw refuse(entry, "cannot be read").why(String.valueOf(e.getMessage())).cause(e);
    }
    if (attributes.isDirectory()) {
      throw refuse(entry, "is a directory, not a model file");
    }
    if (!attributes.isRegularFile()) {
      throw refuse(entry, "is a pipe, a socket or a device, not a model file");
    }
    if (attributes.size() == 0) {
      throw refuse(entry, "is empty");
    }
    if (attributes.size() > OnnxDescription.maxFile()) {
      throw refuse(entry, "is larger than 2 GiB, which no ONNX file can be")
          .hint("save the model with its weights as external data");
    }
  }

  /// The first bytes, a character each.
  private static String head(Path entry) throws IOException {
    try (InputStream in = Files.newInputStream(entry)) {
      return new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1);
    }
  }

  private static void requireLikely(Path entry, String text, String kind) {
    @Nullable Lookalike other = Lookalike.of(text);
    if (other != null) {
      throw refuse(entry, "is not %s model".formatted(kind))
          .why("it is " + other.what())
          .hint(other.hint());
    }
    if (text.startsWith("ORTM", 4)) {
      throw refuse(entry, "is not an ONNX model")
          .why("it is a model in ONNX Runtime's own format")
          .hint("package the .onnx file it was made from");
    }
  }

  private static Failure broken(Path entry, ModelFormatException e) {
    String why = String.valueOf(e.getMessage());
    return e.isTruncated()
        ? refuse(entry, "is cut off, or not an ONNX model")
            .why(why)
            .hint("copy or download the file again and compare its size")
        : refuse(entry, "is not an ONNX model").why(why);
  }

  private static ModelDescription describe(Path entry, OnnxDescription model) {
    if (!model.objections().isEmpty()) {
      throw refuse(entry, "cannot be served").why(model.objections());
    }
    if (!model.weightFaults().isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "the weights of `%s` cannot be packaged".formatted(entry))
          .why(model.weightFaults())
          .hint("put the files where the model looks for them, in or below its own directory");
    }
    return new ModelDescription(
        ONNX,
        "onnx_onnxv1",
        model.signature(),
        model.externalFiles(),
        model.operatorSets(),
        model.unranked(),
        model.notes());
  }

  private static Failure refuse(Path entry, String what) {
    return Failure.of(ExitCode.MANIFEST, "the model `%s` %s".formatted(entry, what));
  }
}
