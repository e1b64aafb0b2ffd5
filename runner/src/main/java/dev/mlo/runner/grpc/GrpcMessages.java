package dev.mlo.runner.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.mlo.contract.DataType;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.OutputForm;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorBytes;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import inference.ModelInferResponse;
import inference.ModelInferResponse.InferOutputTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Inference messages of the protocol as requests and responses, and back.
final class GrpcMessages {
  /// Parameters of extensions that are not spoken here and that change what is asked; to leave them
  /// out would be to answer another question.
  private static final List<String> REFUSED = List.of("classification", "shared_memory_region");

  private GrpcMessages() {}

  /// @throws MalformedException naming the field and the reason
  static InferenceRequest request(ModelInferRequest message) throws MalformedException {
    int raw = message.getRawInputContentsCount();
    if (raw != 0 && raw != message.getInputsCount()) {
      throw new MalformedException(
          "there are %d raw_input_contents for %d inputs".formatted(raw, message.getInputsCount()));
    }
    var inputs = new ArrayList<Tensor>(message.getInputsCount());
    for (int i = 0; i < message.getInputsCount(); i++) {
      inputs.add(input(message, i, raw > 0));
    }
    String id = message.getId();
    return new InferenceRequest(
        id.isEmpty() ? null : id,
        null,
        inputs,
        outputs(message.getOutputsList()),
        raw > 0 ? OutputForm.BINARY : OutputForm.JSON);
  }

  private static Tensor input(ModelInferRequest message, int i, boolean raw)
      throws MalformedException {
    InferInputTensor input = message.getInputs(i);
    String field = "inputs[" + i + "]";
    checkParameters(field, input.getParametersMap());
    if (input.getName().isEmpty()) {
      throw new MalformedException("`" + field + ".name` is missing");
    }
    DataType datatype = datatype(field, input.getDatatype());
    Shape shape = shape(field, input.getShapeList());
    if (!raw) {
      return TypedContents.read(field, input.getName(), datatype, shape, input.getContents());
    }
    if (!input.getContents().equals(InferTensorContents.getDefaultInstance())) {
      throw new MalformedException(
          "`" + field + "` has contents beside raw_input_contents; the protocol takes one of them");
    }
    return TensorBytes.read(
        "raw_input_contents[" + i + "]",
        input.getName(),
        datatype,
        shape,
        message.getRawInputContents(i).asReadOnlyByteBuffer());
  }

  private static DataType datatype(String field, String name) throws MalformedException {
    try {
      return DataType.parse(name);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("`" + field + ".datatype`: " + e.getMessage());
    }
  }

  private static Shape shape(String field, List<Long> lengths) throws MalformedException {
    for (long length : lengths) {
      if (length < 0) {
        throw new MalformedException("`%s.shape` holds the length %d".formatted(field, length));
      }
    }
    try {
      Shape shape = new Shape(lengths);
      shape.elements();
      return shape;
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new MalformedException("`" + field + ".shape`: " + e.getMessage());
    }
  }

  private static List<String> outputs(List<InferRequestedOutputTensor> outputs)
      throws MalformedException {
    var names = new ArrayList<String>(outputs.size());
    var seen = new HashSet<String>();
    for (int i = 0; i < outputs.size(); i++) {
      checkParameters("outputs[" + i + "]", outputs.get(i).getParametersMap());
      String name = outputs.get(i).getName();
      if (!seen.add(name)) {
        throw new MalformedException("output `" + name + "` is asked for twice");
      }
      names.add(name);
    }
    return names;
  }

  private static void checkParameters(String field, Map<String, InferParameter> parameters)
      throws MalformedException {
    for (String name : REFUSED) {
      if (parameters.containsKey(name)) {
        throw new MalformedException(
            "`%s.parameters.%s` is of an extension that is not spoken here".formatted(field, name));
      }
    }
  }

  /// Raw outputs for raw inputs, fields for fields; what has no field goes raw, and then all does.
  static ModelInferResponse response(InferenceRequest request, InferenceResponse response) {
    boolean raw =
        request.form().equals(OutputForm.BINARY) || !TypedContents.canHold(response.outputs());
    var message = ModelInferResponse.newBuilder().setModelName(response.modelName());
    String version = response.modelVersion();
    if (version != null) {
      message.setModelVersion(version);
    }
    String id = response.id();
    if (id != null) {
      message.setId(id);
    }
    for (Tensor output : response.outputs()) {
      var described =
          InferOutputTensor.newBuilder()
              .setName(output.name())
              .setDatatype(output.datatype().name())
              .addAllShape(output.shape().dimensions());
      if (raw) {
        // Nobody writes to an output after it was made.
        message.addRawOutputContents(UnsafeByteOperations.unsafeWrap(TensorBytes.write(output)));
      } else {
        described.setContents(TypedContents.write(output));
      }
      message.addOutputs(described);
    }
    return message.build();
  }
}
