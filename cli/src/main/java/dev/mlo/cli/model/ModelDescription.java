package dev.mlo.cli.model;

import dev.mlo.contract.Signature;
import java.util.List;
import java.util.Map;

/// What a model file says of itself.
///
/// @param format the engine that opens it, as the model card calls it: `onnx`
/// @param platformName what the Open Inference Protocol calls `platform`: `onnx_onnxv1`
/// @param signature what a client sends and gets, as the runner will serve it
/// @param externalFiles the files the model refers to, relative to the entry's directory with `/`,
///   sorted; each exists inside that directory and is long enough
/// @param operatorSets domain to version; the domain of ONNX itself is `ai.onnx`
/// @param notes what the reader should know although the model can be served, as sentences
public record ModelDescription(
    String format,
    String platformName,
    Signature signature,
    List<String> externalFiles,
    Map<String, Long> operatorSets,
    List<String> notes) {
  public ModelDescription {
    externalFiles = List.copyOf(externalFiles);
    operatorSets = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(operatorSets));
    notes = List.copyOf(notes);
  }
}
