package dev.mlo.onnx;

import dev.mlo.contract.Signature;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What an ONNX file says of itself, and what speaks against it. It can be served when `objections`
/// and `weightFaults` are empty.
///
/// @param signature what a client sends and gets, as far as there is no objection
/// @param externalFiles the files that hold weights, relative to the entry's directory with `/`,
///   sorted; each exists inside that directory and is long enough, as far as there is no fault
/// @param operatorSets domain to version; the domain of ONNX itself is `ai.onnx`
/// @param unranked inputs and outputs of which the file does not even say how many dimensions they
///   have; the signature gives them the shape [-1]
/// @param safeguards what is changed in the file before the engine gets it, so that no value ends
///   the process
/// @param notes what the reader should know although the model can be served, as sentences
/// @param objections why the engine cannot serve it
/// @param weightFaults what is wrong with the files that hold weights
public record OnnxDescription(
    Signature signature,
    List<String> externalFiles,
    Map<String, Long> operatorSets,
    Set<String> unranked,
    Patch safeguards,
    List<String> notes,
    List<String> objections,
    List<String> weightFaults) {
  public OnnxDescription {
    externalFiles = List.copyOf(externalFiles);
    operatorSets = Collections.unmodifiableMap(new TreeMap<>(operatorSets));
    unranked = Set.copyOf(unranked);
    notes = List.copyOf(notes);
    objections = List.copyOf(objections);
    weightFaults = List.copyOf(weightFaults);
  }

  /// Reads a file of any size with little memory; its weights are passed over.
  ///
  /// @param entry the file the engine would open
  /// @throws ModelFormatException when the bytes are not an ONNX model from the first to the last
  /// @throws IOException when the file cannot be read
  public static OnnxDescription read(Path entry) throws IOException {
    OnnxModel model;
    try (FileChannel channel = FileChannel.open(entry)) {
      if (channel.size() > OnnxSupport.MAX_FILE) {
        throw ModelFormatException.malformed(0, "the file is larger than 2 GiB");
      }
      model = OnnxFormat.read(channel);
    }
    if (!model.hasGraph) {
      throw ModelFormatException.incomplete("it holds no graph");
    }
    if (model.irVersion == 0 && model.operatorSets().isEmpty()) {
      throw ModelFormatException.incomplete("it states no version");
    }
    var judge = new OnnxJudge(model);
    Signature signature = judge.judge();
    ExternalData weights = ExternalData.check(entry, model.externals);
    return new OnnxDescription(
        signature,
        weights.files(),
        model.operatorSets(),
        judge.unranked(),
        judge.safeguards(),
        judge.notes(),
        judge.objections(),
        weights.faults());
  }

  /// The largest file there can be: protobuf knows no larger ones, in bytes.
  public static long maxFile() {
    return OnnxSupport.MAX_FILE;
  }
}
