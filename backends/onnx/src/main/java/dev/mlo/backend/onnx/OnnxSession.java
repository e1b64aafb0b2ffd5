package dev.mlo.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import dev.mlo.backend.Cancellation;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/// A model in ONNX Runtime's memory.
final class OnnxSession implements Session {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Unsigned unsigned;
  private final Signature signature;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OnnxSession(
      OrtEnvironment environment, OrtSession session, Unsigned unsigned, Signature signature) {
    this.environment = environment;
    this.session = session;
    this.unsigned = unsigned;
    this.signature = signature;
  }

  /// Takes over a session, which is closed when its model has inputs or outputs that cannot be
  /// served.
  static OnnxSession of(OrtEnvironment environment, OrtSession session)
      throws OrtException, ModelException {
    try {
      var signature =
          new Signature(
              specs("input", session.getInputInfo().values()),
              specs("output", session.getOutputInfo().values()));
      Set<DataType> taken =
          signature.inputs().stream().map(TensorSpec::datatype).collect(Collectors.toSet());
      return new OnnxSession(environment, session, new Unsigned(environment, taken), signature);
    } catch (OrtException | ModelException | RuntimeException e) {
      close(session);
      throw e;
    }
  }

  private static List<TensorSpec> specs(String kind, Collection<NodeInfo> nodes)
      throws ModelException {
    var specs = new ArrayList<TensorSpec>();
    for (NodeInfo node : nodes) {
      specs.add(spec(kind, node));
    }
    return specs;
  }

  private static TensorSpec spec(String kind, NodeInfo node) throws ModelException {
    if (node.getInfo() instanceof TensorInfo tensor) {
      DataType type =
          ElementType.of(tensor.onnxType)
              .orElseThrow(() ->
                  new ModelException(
                      "%s `%s` has elements of type %s, which the inference protocol lacks"
                          .formatted(kind, node.getName(), ElementType.name(tensor.onnxType))));
      return new TensorSpec(node.getName(), type, shape(tensor));
    }
    if (kind.equals("output") && node.getInfo() instanceof SequenceInfo rows && isTable(rows)) {
      return new TensorSpec(node.getName(), DataType.FP32, Shape.of(-1, -1));
    }
    throw new ModelException(
        "%s `%s` is %s; only tensors can be served"
            .formatted(kind, node.getName(), node.getInfo()));
  }

  private static boolean isTable(SequenceInfo rows) {
    return rows.isSequenceOfMaps()
        && rows.mapInfo.valueType == OnnxJavaType.FLOAT
        && (rows.mapInfo.keyType == OnnxJavaType.INT64
            || rows.mapInfo.keyType == OnnxJavaType.STRING);
  }

  private static Shape shape(TensorInfo tensor) {
    long[] lengths = tensor.getShape();
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = Math.max(-1, lengths[i]);
    }
    return Shape.of(lengths);
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceException {
    return infer(inputs, outputs, new Cancellation());
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs, Cancellation cancellation)
      throws InferenceException {
    Set<String> wanted = wanted(outputs);
    try (Inputs ready = Inputs.of(environment, unsigned, inputs);
        var options = new OrtSession.RunOptions();
        var _ = cancellation.watch(() -> terminate(options));
        OrtSession.Result result = session.run(ready.tensors(), wanted, options)) {
      return answers(wanted, result);
    } catch (OrtException e) {
      boolean clients = e.getCode() == OrtErrorCode.ORT_INVALID_ARGUMENT;
      throw cancellation.isCancelled()
          ? new InferenceException("stopped: nobody waits for the answer any more", false, e)
          : new InferenceException(Engine.reason(e), clients, e);
    } catch (IllegalStateException | ArithmeticException e) {
      throw new InferenceException(String.valueOf(e.getMessage()), false, e);
    }
  }

  /// The engine looks at this before every operator.
  private static void terminate(OrtSession.RunOptions options) {
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("an inference cannot be told to stop", e);
    }
  }

  private static List<Tensor> answers(Set<String> wanted, OrtSession.Result result)
      throws OrtException {
    var answers = new ArrayList<Tensor>(wanted.size());
    for (String name : wanted) {
      OnnxValue value =
          result
              .get(name)
              .orElseThrow(() -> new OrtException("output `" + name + "` was not made"));
      answers.add(Outputs.take(name, value));
    }
    return answers;
  }

  /// In the order of the signature.
  private Set<String> wanted(List<String> outputs) {
    var wanted = new LinkedHashSet<String>();
    for (TensorSpec spec : signature.outputs()) {
      if (outputs.isEmpty() || outputs.contains(spec.name())) {
        wanted.add(spec.name());
      }
    }
    return wanted;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      unsigned.close();
      close(session);
    }
  }

  /// Frees a thing of the engine's; that this fails is a fault of ours.
  static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException("the engine does not let go of " + resource, e);
    }
  }
}
