package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An MLflow model: the file `MLmodel` in its directory. The storage format is described at
/// [mlflow.org](https://mlflow.org/docs/latest/ml/model/), the signature's JSON texts at
/// [mlflow.org](https://mlflow.org/docs/latest/ml/model/signatures/). What is served is the flavour
/// `onnx`; all others are Python objects, which `mlo` does not load.
final class MlflowModel {
  private static final int MAX_RANK = 32;
  private static final Set<String> NO_NAMES = Set.of("model", "artifacts");

  /// numpy's names of what the inference protocol has too.
  private static final Map<String, DataType> DATATYPES =
      Map.ofEntries(
          Map.entry("bool", DataType.BOOL),
          Map.entry("uint8", DataType.UINT8),
          Map.entry("uint16", DataType.UINT16),
          Map.entry("uint32", DataType.UINT32),
          Map.entry("uint64", DataType.UINT64),
          Map.entry("int8", DataType.INT8),
          Map.entry("int16", DataType.INT16),
          Map.entry("int32", DataType.INT32),
          Map.entry("int64", DataType.INT64),
          Map.entry("float16", DataType.FP16),
          Map.entry("float32", DataType.FP32),
          Map.entry("float64", DataType.FP64),
          Map.entry("object", DataType.BYTES),
          Map.entry("str", DataType.BYTES));

  /// How each library gets its models into ONNX.
  private static final Map<String, String> EXPORTS =
      Map.of(
          "sklearn", "skl2onnx.to_onnx(model, X[:1])",
          "xgboost", "onnxmltools.convert_xgboost(model, initial_types=[…])",
          "lightgbm", "onnxmltools.convert_lightgbm(model, initial_types=[…])",
          "pytorch", "torch.onnx.export(model, example, \"model.onnx\")",
          "tensorflow", "python -m tf2onnx.convert --saved-model DIR --output model.onnx",
          "keras", "python -m tf2onnx.convert --saved-model DIR --output model.onnx",
          "transformers", "optimum-cli export onnx --model DIR onnx/");

  private MlflowModel() {}

  static void read(Mapping root, Carried carried) {
    for (Entry entry : root.entries()) {
      String key = entry.key().text();
      if (entry.value() instanceof Scalar said && said.type() == Yaml.ScalarType.NULL) {
        continue;
      }
      switch (key) {
        case "flavors" -> flavours(entry.value(), carried);
        case "artifact_path" -> artifactPath(entry.value(), carried);
        case "run_id" -> run(entry.value(), carried);
        case "signature" -> signature(entry.value(), carried);
        case "metadata" -> metadata(entry.value(), carried);
        case "saved_input_example_info" -> example(entry.value(), carried);
        case "model_uuid", "model_id", "utc_time_created", "mlflow_version", "model_size_bytes" ->
            carried.leave(key, "mlo identifies an image by the digest of its bytes");
        default -> carried.leave(key, "there is nothing like it in `mlops.yaml`");
      }
    }
    if (root.mapping("flavors").isEmpty()) {
      carried.advise("it has no flavours, so it describes no model", "mlo init --from model.onnx");
    }
  }

  private static void flavours(Yaml value, Carried carried) {
    if (!(value instanceof Mapping flavours)) {
      return;
    }
    var names = new ArrayList<String>();
    for (Entry flavour : flavours.entries()) {
      String name = flavour.key().text();
      names.add(name);
      if (name.equals("onnx")) {
        String data =
            flavour.value() instanceof Mapping onnx ? onnx.text("data").orElse("model.onnx") : "";
        carried.model("flavors.onnx.data", data);
      } else if (name.equals("python_function")) {
        carried.leave(
            "flavors.python_function",
            "Python code, conda and virtual environments: the runner runs no Python");
      } else {
        carried.leave("flavors." + name, "a Python object; mlo serves the ONNX file only");
      }
    }
    String export =
        names.stream().map(EXPORTS::get).filter(java.util.Objects::nonNull).findFirst().orElse("");
    carried.advise(
        "mlo serves the flavour onnx, this model has " + String.join(", ", names),
        export.isEmpty()
            ? "export the model to model.onnx here, and run the command again"
            : "convert it with " + export + " to model.onnx here, and run the command again");
  }

  /// The last name of a path or an address. `model` is what MLflow's own examples call every model;
  /// MLflow 3 writes where the model lies, `…/models/m-ID/artifacts`.
  private static void artifactPath(Yaml value, Carried carried) {
    if (value instanceof Scalar path && path.type() != Yaml.ScalarType.NULL) {
      String[] names = path.text().split("/", -1);
      String last = names[names.length - 1];
      if (last.isBlank() || NO_NAMES.contains(last)) {
        carried.leave("artifact_path", "`%s` names no model".formatted(path.text()));
      } else {
        carried.name("artifact_path", last);
      }
    }
  }

  private static void run(Yaml value, Carried carried) {
    if (value instanceof Scalar id && id.type() != Yaml.ScalarType.NULL) {
      carried.take(Carried.RUN, ManifestKeys.LINE, "run_id", "mlflow://runs/" + id.text());
    }
  }

  private static void metadata(Yaml value, Carried carried) {
    if (!(value instanceof Mapping metadata)) {
      return;
    }
    for (Entry entry : metadata.entries()) {
      String theirs = "metadata." + entry.key().text();
      if (entry.value() instanceof Scalar text) {
        carried.label(entry.key().text(), theirs, text.text());
      } else {
        carried.leave(theirs, "a label is a word with a text of one line");
      }
    }
  }

  private static void example(Yaml value, Carried carried) {
    String file = value instanceof Mapping info ? info.text("artifact_path").orElse("") : "";
    carried.leave(
        file.isEmpty() ? "saved_input_example_info" : file,
        "an input without an answer, in MLflow's form; golden examples are requests and answers"
            + " of the Open Inference Protocol below examples/");
  }

  // --- signature

  private static void signature(Yaml value, Carried carried) {
    if (!(value instanceof Mapping signature)) {
      return;
    }
    Optional<List<Carried.Tensor>> inputs = tensors(signature, "inputs", carried);
    Optional<List<Carried.Tensor>> outputs = tensors(signature, "outputs", carried);
    inputs.ifPresent(specs -> specs.forEach(carried::input));
    outputs.ifPresent(specs -> specs.forEach(carried::output));
    signature
        .scalar("params")
        .filter(params -> params.type() != Yaml.ScalarType.NULL)
        .ifPresent(_ ->
            carried.leave("signature.params", "parameters of a Python function; mlo has none"));
  }

  private static Optional<List<Carried.Tensor>> tensors(
      Mapping signature, String side, Carried carried) {
    String theirs = "signature." + side;
    Optional<Scalar> written =
        signature.scalar(side).filter(text -> text.type() != Yaml.ScalarType.NULL);
    if (written.isEmpty()) {
      return Optional.empty();
    }
    JsonNode specs;
    try {
      specs = Json.parse(written.get().text().getBytes(StandardCharsets.UTF_8));
    } catch (JsonFormatException e) {
      carried.leave(theirs, "it is no JSON: " + e.getMessage());
      return Optional.empty();
    }
    if (!specs.isArray()) {
      carried.leave(theirs, "it is no list of inputs or outputs");
      return Optional.empty();
    }
    var tensors = new ArrayList<Carried.Tensor>();
    for (JsonNode spec : specs) {
      Carried.@Nullable Tensor tensor = tensor(spec);
      if (tensor == null) {
        carried.leave(
            theirs,
            spec.path("type").asText().equals("tensor")
                ? "a tensor that the inference protocol does not have"
                : "columns of a data frame; the ONNX file says which tensors there are");
        return Optional.empty();
      }
      tensors.add(tensor);
    }
    return tensors.isEmpty() ? Optional.empty() : Optional.of(tensors);
  }

  /// `null`: it is no tensor, or not one that the inference protocol has.
  private static Carried.@Nullable Tensor tensor(JsonNode spec) {
    JsonNode info = spec.path("tensor-spec");
    @Nullable DataType datatype = DATATYPES.get(info.path("dtype").asText());
    if (datatype == null || !info.path("shape").isArray() || info.path("shape").size() > MAX_RANK) {
      return null;
    }
    var lengths = new ArrayList<Long>();
    for (JsonNode length : info.path("shape")) {
      if (!length.isIntegralNumber() || !length.canConvertToInt() || length.intValue() < -1) {
        return null;
      }
      lengths.add(length.longValue());
    }
    return new Carried.Tensor(spec.path("name").asText(""), datatype, new Shape(lengths));
  }
}
