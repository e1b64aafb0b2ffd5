package dev.mlo.pmml.document;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.pmml.document.ModelElement.DataField;
import dev.mlo.pmml.document.ModelElement.MiningField;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a PMML document says of its model. Read as a stream, in memory of the size of its data
/// dictionary.
///
/// @param version of PMML: `4.4`
/// @param summary what it is, for people: `tree, classification, PMML 4.4`
/// @param signature one column an active field, in the order of the mining schema; one column an
///   output field, or what the engine gives where the model declares none
/// @param encoding of the document's characters
/// @param makesText whether numbers may become text while it is evaluated
/// @param choosesPrediction whether the answer is that of one of several models, which the engine
///   gives under the name that this one has for its prediction
/// @param objections why the model cannot be served; empty when it can
/// @param notes what a reader should know of a model that can be served
public record PmmlDocument(
    String version,
    String summary,
    Signature signature,
    String encoding,
    boolean makesText,
    boolean choosesPrediction,
    List<String> objections,
    List<String> notes) {
  /// Bytes. The engine keeps several times as much in memory.
  public static final long MAX_SIZE = 256L << 20;

  private static final Pattern NAMESPACE =
      Pattern.compile("|https?://www\\.dmg\\.org/PMML-[0-9_]{1,8}/?");
  private static final Pattern VERSION = Pattern.compile("3\\.[0-2]|4\\.[0-4](\\.1)?");

  public PmmlDocument {
    objections = List.copyOf(objections);
    notes = List.copyOf(notes);
  }

  /// As what a type of PMML is served; `null`: not at all.
  public static @Nullable DataType datatype(String type) {
    return switch (type) {
      case "string" -> DataType.BYTES;
      case "integer" -> DataType.INT64;
      case "float" -> DataType.FP32;
      case "double", "real" -> DataType.FP64;
      case "boolean" -> DataType.BOOL;
      default -> null;
    };
  }

  /// Whether a decoded document could define entities or refer to other files.
  public static boolean mayDefineEntities(String document) {
    return document.contains(Elements.DOCTYPE);
  }

  /// @throws PmmlException when the file is no PMML document with a model, from its first byte to
  ///   its last
  public static PmmlDocument read(Path file) throws IOException, PmmlException {
    if (Files.size(file) > MAX_SIZE) {
      throw new PmmlException("is larger than %d MiB".formatted(MAX_SIZE >> 20));
    }
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return new Reading(bytes).read();
    }
  }

  private static final class Reading {
    private final Objections objections = new Objections();
    private final Comparisons comparisons = new Comparisons();
    private final Branches branches = new Branches();
    private final Leaves leaves = new Leaves();
    private final References references = new References();
    private final Elements in;
    private final Map<String, DataField> dictionary = new LinkedHashMap<>();
    private @Nullable ModelElement model;
    private int models;

    Reading(InputStream bytes) throws PmmlException {
      in =
          new Elements(
              bytes,
              (name, elements) -> {
                if (model == null) {
                  objections.see(name, elements);
                  comparisons.see(name, elements);
                  branches.see(name, elements);
                  leaves.see(name, elements);
                  references.see(name, elements);
                }
              });
    }

    PmmlDocument read() throws PmmlException {
      String root = in.root();
      if (!root.equals("PMML") || !NAMESPACE.matcher(in.namespace()).matches()) {
        throw new PmmlException(
            "is an XML document, but not PMML: its root is `%s`%s"
                .formatted(root, in.namespace().isEmpty() ? "" : " of " + in.namespace()));
      }
      String version = in.attribute("version", "");
      if (!VERSION.matcher(version).matches()) {
        throw new PmmlException(
            version.isEmpty()
                ? "does not say which version of PMML it is"
                : "is PMML %s; the engine reads 3.0 to 4.4".formatted(version));
      }
      String encoding = in.encoding();
      in.children(this::part);
      in.rest();
      ModelElement found = model;
      if (found == null) {
        throw new PmmlException("holds no model");
      }
      String function = found.attribute("functionName", "");
      attributes(found, function);
      probabilities(found);
      ordinal(found);
      neighbours(found);
      comparisons.objections().forEach(objections::add);
      branches.objections().forEach(objections::add);
      leaves.objections().forEach(objections::add);
      references.objections().forEach(objections::add);
      var outputs = new Outputs(dictionary, objections);
      var signature = new Signature(inputs(found), outputs.of(found));
      names("input", signature.inputs());
      names("output", signature.outputs());
      return new PmmlDocument(
          version,
          "%s, %s, PMML %s".formatted(Families.words(found.family), function, version),
          signature,
          encoding,
          objections.makesText(),
          found.choosesPrediction(),
          objections.found(),
          notes(outputs.notes()));
    }

    private List<String> notes(List<String> ofOutputs) {
      var notes = new ArrayList<>(ofOutputs);
      if (models > 1) {
        notes.add("the document holds %d models; the first is served".formatted(models));
      }
      return notes;
    }

    private void part(String element) throws PmmlException {
      if (element.equals("DataDictionary")) {
        in.children(this::dataField);
      } else if (Families.isModel(element)) {
        models++;
        if (model == null) {
          model = new ModelWalk(in).read(element);
        }
      }
    }

    private void dataField(String element) throws PmmlException {
      if (!element.equals("DataField")) {
        return;
      }
      in.keep();
      String name = in.attribute("name", "");
      String type = in.attribute("dataType", "");
      String operation = in.attribute("optype", "");
      var values = new ArrayList<String>();
      in.children(child -> {
        if (child.equals("Value") && in.attribute("property", "valid").equals("valid")) {
          in.keep();
          values.add(in.attribute("value", ""));
        }
      });
      if (dictionary.put(name, new DataField(name, type, operation, values)) != null) {
        objections.add("the data dictionary has two fields `%s`".formatted(name));
      }
    }

    private void attributes(ModelElement found, String function) {
      if (function.isEmpty()) {
        objections.add("the model has no functionName");
      }
      if (found.attribute("isScorable", "true").equals("false")) {
        objections.add("the model says of itself that it is not for scoring (isScorable)");
      }
    }

    /// Of cumulative probabilities the engine takes the last but one for the sum of all before the
    /// last, which holds for two categories only.
    private void ordinal(ModelElement found) {
      DataField target = dictionary.get(String.valueOf(found.target()));
      if (!objections.isCumulative() || target == null) {
        return;
      }
      if (target.operation().equals("ordinal") && target.values().size() != 2) {
        objections.add(
            "the engine computes a regression of the ordinal `%s` otherwise, unless it has two values"
                .formatted(target.name()));
      }
    }

    private void neighbours(ModelElement found) {
      boolean vote = found.family.equals("NearestNeighborModel");
      DataField target = dictionary.get(String.valueOf(found.target()));
      if (objections.isTied() && !(vote && target != null && target.values().size() == 2)) {
        objections.add(
            "the engine decides otherwise between classes with as many neighbours, unless the"
                + " target has two <Value>s and the neighbours are odd");
      }
      if (vote && found.isClassification() && found.tellsProbability()) {
        objections.add(
            "the engine has no probabilities of neighbours; an <Output> of the predictedValue is"
                + " served");
      }
    }

    /// A median of two probabilities is right: one is what the other leaves.
    private void probabilities(ModelElement found) {
      DataField target = dictionary.get(String.valueOf(found.target()));
      boolean two = target != null && target.values().size() == 2;
      for (String method : objections.inexactProbabilities()) {
        boolean told = !(found.method.equals(method) && found.votesOnly());
        if (told && !(two && method.toLowerCase(Locale.ROOT).endsWith("median"))) {
          objections.add(
              ("the engine computes the probabilities of multipleModelMethod=\"%s\" otherwise; an"
                      + " <Output> of the predictedValue alone is served")
                  .formatted(method));
        }
      }
    }

    private List<TensorSpec> inputs(ModelElement found) {
      var specs = new ArrayList<TensorSpec>();
      for (MiningField field : found.fields) {
        if (field.isInput()) {
          DataField of = dictionary.get(field.name());
          DataType type = of == null ? null : datatype(of.type());
          if (of == null || type == null || field.name().isEmpty()) {
            objections.add(
                "input `%s` %s"
                    .formatted(
                        field.name(),
                        of == null
                            ? "is not in the data dictionary"
                            : "has the type `%s`, which is not served; a number can stand for it"
                                .formatted(of.type())));
          } else {
            specs.add(new TensorSpec(field.name(), type, Shape.of(-1)));
          }
        }
      }
      if (specs.isEmpty() && objections.found().isEmpty()) {
        objections.add("the model takes no inputs");
      }
      return specs;
    }

    private void names(String kind, List<TensorSpec> specs) {
      var seen = new HashSet<String>();
      for (TensorSpec spec : specs) {
        if (!seen.add(spec.name())) {
          objections.add("there are two %ss `%s`".formatted(kind, spec.name()));
        }
      }
      if (specs.isEmpty() && kind.equals("output") && objections.found().isEmpty()) {
        objections.add("the model gives nothing: it declares no <Output>");
      }
    }
  }
}
