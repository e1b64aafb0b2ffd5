package dev.mlo.cli.model;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a model file says of itself.
///
/// @param format the engine that opens it, as the model card calls it: `onnx`, `pmml`
/// @param platformName what the Open Inference Protocol calls `platform`: `onnx_onnxv1`
/// @param signature what a client sends and gets, as the runner will serve it
/// @param externalFiles the files the model refers to, relative to the entry's directory with `/`,
///   sorted; each exists inside that directory and is long enough
/// @param operatorSets domain to version; the domain of ONNX itself is `ai.onnx`
/// @param unranked inputs and outputs of which the file does not even say how many dimensions they
///   have; the signature gives them the shape [-1]
/// @param notes what the reader should know although the model can be served, as sentences
public record ModelDescription(
    String format,
    String platformName,
    Signature signature,
    List<String> externalFiles,
    Map<String, Long> operatorSets,
    Set<String> unranked,
    List<String> notes) {
  public ModelDescription {
    externalFiles = List.copyOf(externalFiles);
    operatorSets = Collections.unmodifiableMap(new TreeMap<>(operatorSets));
    unranked = Set.copyOf(unranked);
    notes = List.copyOf(notes);
  }

  /// The signature with the inputs and outputs that the manifest declares. A declaration may be
  /// narrower than the file, never different; an empty list leaves what the file says.
  ///
  /// @throws Failure MANIFEST naming each difference
  public Signature declared(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    var differences = new ArrayList<String>();
    var declared =
        new Signature(
            side("input", signature.inputs(), inputs, differences),
            side("output", signature.outputs(), outputs, differences));
    if (!differences.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "the manifest declares another model than the file holds")
          .why(differences)
          .hint("leave out `model.inputs` and `model.outputs` to take them from the file");
    }
    return declared;
  }

  private List<TensorSpec> side(
      String kind, List<TensorSpec> read, List<TensorSpec> declared, List<String> differences) {
    if (declared.isEmpty()) {
      return read;
    }
    var result = new ArrayList<TensorSpec>();
    for (TensorSpec spec : read) {
      declared.stream()
          .filter(other -> other.name().equals(spec.name()))
          .findFirst()
          .ifPresentOrElse(
              other -> {
                result.add(other);
                compare(kind, spec, other, differences);
              },
              () -> differences.add("%s `%s` is not declared".formatted(kind, spec)));
    }
    for (TensorSpec other : declared) {
      if (read.stream().noneMatch(spec -> spec.name().equals(other.name()))) {
        differences.add("the file has no %s `%s`".formatted(kind, other.name()));
      }
    }
    return result;
  }

  private void compare(
      String kind, TensorSpec read, TensorSpec declared, List<String> differences) {
    boolean shapeFits = unranked.contains(read.name()) || declared.shape().fits(read.shape());
    if (declared.datatype() != read.datatype() || !shapeFits) {
      differences.add(
          "%s `%s` is declared as %s%s and the file has %s%s"
              .formatted(
                  kind,
                  read.name(),
                  declared.datatype(),
                  declared.shape(),
                  read.datatype(),
                  unranked.contains(read.name()) ? "" : read.shape()));
    }
  }
}
