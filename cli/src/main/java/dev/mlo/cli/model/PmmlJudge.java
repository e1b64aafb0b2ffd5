package dev.mlo.cli.model;

import dev.mlo.contract.Printable;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.pmml.document.PmmlDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Decides whether a PMML document can be served, and as what. The engine reads the document with
/// the same reader before it opens it.
final class PmmlJudge {
  /// How a document starts, with or without a byte order mark; as ISO 8859-1.
  private static final Pattern XML =
      Pattern.compile(
          "(\u00ef\u00bb\u00bf)?\\s*(<\\?xml\\b|<(!DOCTYPE\\s+)?(\\w+:)?PMML\\b)|[\u00fe\u00ff]{2}\u0000?<");

  private final PmmlDocument document;

  PmmlJudge(PmmlDocument document) {
    this.document = document;
  }

  /// Whether a file looks like PMML, or like XML.
  ///
  /// @param head its first bytes, a character each
  static boolean isLikely(String head) {
    return XML.matcher(head).lookingAt();
  }

  /// Why the model cannot be served; empty when it can.
  List<String> objections() {
    var objections = new ArrayList<>(document.objections().stream().map(Printable::of).toList());
    Signature signature = document.signature();
    Stream.concat(signature.inputs().stream(), signature.outputs().stream())
        .map(TensorSpec::name)
        .filter(name -> !Printable.is(name))
        .map(name -> "the name `%s` cannot be written in a request".formatted(Printable.of(name)))
        .forEach(objections::add);
    return objections;
  }

  ModelDescription description() {
    var notes = new ArrayList<String>();
    notes.add("a PMML document: " + Printable.of(document.summary()));
    document.notes().stream().map(Printable::of).forEach(notes::add);
    return new ModelDescription(
        ModelReader.PMML, "pmml_pmml4", document.signature(), List.of(), Map.of(), Set.of(), notes);
  }
}
