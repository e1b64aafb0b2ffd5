package dev.mlo.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One model in ONNX Runtime. Threads may infer at once; closing while one does is the caller's to
/// prevent, for it ends the process.
final class OnnxSession implements Session {
  private final OrtSession session;
  private final Tensors tensors;
  private final Signature signature;

  private OnnxSession(OrtSession session, Tensors tensors, Signature signature) {
    this.session = session;
    this.tensors = tensors;
    this.signature = signature;
  }

  static OnnxSession open(OrtEnvironment environment, Path file, int threads)
      throws ModelException {
    try (SessionOptions options = new SessionOptions()) {
      options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setInterOpNumThreads(1);
      options.setIntraOpNumThreads(Math.max(1, threads));
      // Threads that spin between requests take the processor from the requests beside them.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      OrtSession session = environment.createSession(file.toString(), options);
      try {
        return new OnnxSession(session, Tensors.of(environment), signature(session));
      } catch (ModelException | OrtException | RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime refuses the model: " + e.getMessage(), e);
    }
  }

  private static Signature signature(OrtSession session) throws OrtException, ModelException {
    var inputs = new ArrayList<TensorSpec>();
    for (NodeInfo node : session.getInputInfo().values()) {
      inputs.add(Types.input(node));
    }
    var outputs = new ArrayList<TensorSpec>();
    for (NodeInfo node : session.getOutputInfo().values()) {
      outputs.add(Types.output(node));
    }
    return new Signature(inputs, outputs);
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      for (Tensor input : inputs) {
        given.put(input.name(), tensors.give(input));
      }
      try (OrtSession.Result result = session.run(given, wanted(outputs))) {
        var answer = new ArrayList<Tensor>();
        for (Map.Entry<String, OnnxValue> output : result) {
          answer.add(tensors.take(output.getKey(), output.getValue()));
        }
        return answer;
      }
    } catch (OrtException e) {
      boolean clients = e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT;
      throw new InferenceException(String.valueOf(e.getMessage()), clients, e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  /// In the order of the signature, whatever order was asked for.
  private Set<String> wanted(List<String> outputs) {
    var names = new LinkedHashSet<String>();
    for (TensorSpec output : signature.outputs()) {
      if (outputs.isEmpty() || outputs.contains(output.name())) {
        names.add(output.name());
      }
    }
    return names;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime did not close a session", e);
    }
  }
}
