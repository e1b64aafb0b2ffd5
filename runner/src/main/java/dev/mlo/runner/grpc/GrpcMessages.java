package dev.mlo.runner.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.mlo.contract.DataType;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.OutputForm;
import dev.mlo.contract.RequestFields;
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
import org.jspecify.annotations.Nullable;

/// Inference messages of the protocol as requests and responses, and back.
final class GrpcMessages {
  private GrpcMessages() {}

  /// @throws MalformedException naming the field and the reason
  static InferenceRequest request(ModelInferRequest message) throws MalformedException {
    RequestFields.refuseSequence(name -> says(message.getParametersMap().get(name)));
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

  private static boolean says(@Nullable InferParameter parameter) {
    return parameter != null
        && switch (parameter.getParameterChoiceCase()) {
          case BOOL_PARAM -> parameter.getBoolParam();
          case INT64_PARAM -> parameter.getInt64Param() != 0;
          case UINT64_PARAM -> parameter.getUint64Param() != 0;
          case DOUBLE_PARAM -> parameter.getDoubleParam() != 0;
          case STRING_PARAM -> !parameter.getStringParam().isEmpty();
          case PARAMETERCHOICE_NOT_SET -> false;
        };
  }

  private static Tensor input(ModelInferRequest message, int i, boolean raw)
      throws MalformedException {
    InferInputTensor input = message.getInputs(i);
    String field = "inputs[" + i + "]";
    RequestFields.refuseUnspoken(field, input.getParametersMap()::containsKey);
    if (input.getName().isEmpty()) {
      throw new MalformedException("`" + field + ".name` is missing");
    }
    DataType datatype = RequestFields.datatype(field, input.getDatatype());
    Shape shape = RequestFields.shape(field, input.getShapeList());
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

  private static List<String> outputs(List<InferRequestedOutputTensor> outputs)
      throws MalformedException {
    var names = new ArrayList<String>(outputs.size());
    var seen = new HashSet<String>();
    for (int i = 0; i < outputs.size(); i++) {
      RequestFields.refuseUnspoken(
          "outputs[" + i + "]", outputs.get(i).getParametersMap()::containsKey);
      String name = outputs.get(i).getName();
      if (!seen.add(name)) {
        throw new MalformedException("output `" + name + "` is asked for twice");
      }
      names.add(name);
    }
    return names;
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
