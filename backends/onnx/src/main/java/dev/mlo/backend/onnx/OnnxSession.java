package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.Cancellation;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.backend.onnx.Frames.Kind;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import dev.mlo.onnx.OnnxDescription;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A model in ONNX Runtime's memory.
final class OnnxSession implements Session {
  private static final String NO_MEMORY = "std::bad_alloc";

  /// Nanoseconds. Of an inference that takes longer, what is made around it is a small part.
  private static final long QUICK = 1_000_000;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Unsigned unsigned;
  private final Signature signature;
  private final NamedDimensions dimensions;
  private final RunOptionsPool options = new RunOptionsPool();
  private final Frames frames;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OnnxSession(
      OrtEnvironment environment,
      OrtSession session,
      Unsigned unsigned,
      Signature signature,
      NamedDimensions dimensions) {
    this.environment = environment;
    this.session = session;
    this.unsigned = unsigned;
    this.signature = signature;
    this.dimensions = dimensions;
    this.frames = new Frames(environment);
  }

  /// Takes over a session, which is closed when its model has inputs or outputs that cannot be
  /// served.
  ///
  /// @param model what the file says; the engine knows no labels
  static OnnxSession of(OrtEnvironment environment, OrtSession session, OnnxDescription model)
      throws OrtException, ModelException {
    try {
      Signature signature = EngineSignature.of(session, model);
      Set<DataType> taken =
          signature.inputs().stream().map(TensorSpec::datatype).collect(Collectors.toSet());
      return new OnnxSession(
          environment,
          session,
          new Unsigned(environment, taken),
          signature,
          NamedDimensions.of(session.getInputInfo().values()));
    } catch (OrtException | ModelException | RuntimeException e) {
      close(session);
      throw e;
    }
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
    List<TensorSpec> wanted = wanted(outputs);
    try (RunOptionsPool.Loan loan = options.take(cancellation);
        var _ = cancellation.watch(() -> terminate(loan.options()))) {
      @Nullable Frame frame = frames.take(inputs, wanted);
      return frame == null ? plainly(inputs, wanted, loan) : into(frame, inputs, wanted, loan);
    } catch (OrtException e) {
      throw failure(e, inputs, cancellation);
    } catch (IllegalStateException | ArithmeticException e) {
      throw new InferenceException(String.valueOf(e.getMessage()), false, e);
    }
  }

  /// With tensors that are made and freed around the inference.
  private List<Tensor> plainly(
      List<Tensor> inputs, List<TensorSpec> wanted, RunOptionsPool.Loan loan)
      throws OrtException, InferenceException {
    long start = System.nanoTime();
    List<Tensor> answers;
    try (Inputs ready = Inputs.of(environment, unsigned, inputs);
        OrtSession.Result result = session.run(ready.tensors(), names(wanted), loan.options())) {
      answers = answers(wanted, result);
    }
    if (System.nanoTime() - start < QUICK) {
      @Nullable Kind kind = frames.seen(inputs, wanted, answers);
      if (kind != null) {
        prove(kind, inputs, answers, loan);
      }
    }
    return answers;
  }

  /// Frames are used for this kind when an inference with one answers the same.
  private void prove(Kind kind, List<Tensor> inputs, List<Tensor> answers, RunOptionsPool.Loan loan)
      throws OrtException {
    Frame frame = Frame.of(environment, kind);
    frame.spoil(answers);
    try {
      if (run(frame, inputs, loan).equals(answers)) {
        frames.use(frame);
        return;
      }
    } catch (OrtException e) {
      if (loan.cancellation().isCancelled()) {
        frame.close();
        return;
      }
    }
    frame.close();
    frames.giveUp();
  }

  /// With tensors that were made before.
  private List<Tensor> into(
      Frame frame, List<Tensor> inputs, List<TensorSpec> wanted, RunOptionsPool.Loan loan)
      throws OrtException, InferenceException {
    try {
      return run(frame, inputs, loan);
    } catch (OrtException e) {
      // Where the plain way fails as well, it says why.
      List<Tensor> answers = plainly(inputs, wanted, loan);
      frames.giveUp();
      return answers;
    } finally {
      frames.giveBack(frame);
    }
  }

  private List<Tensor> run(Frame frame, List<Tensor> inputs, RunOptionsPool.Loan loan)
      throws OrtException {
    frame.fill(inputs);
    session.run(frame.inputs(), Set.of(), frame.outputs(), loan.options()).close();
    return frame.answers();
  }

  private InferenceException failure(
      OrtException e, List<Tensor> inputs, Cancellation cancellation) {
    if (cancellation.isCancelled()) {
      return new InferenceException("stopped: nobody waits for the answer any more", false, e);
    }
    String reason = Engine.reason(e);
    if (reason.endsWith(NO_MEMORY)) {
      // All that was left is free again, and the C library would keep it.
      LibC.trim();
      String where = reason.substring(0, reason.length() - NO_MEMORY.length());
      return new InferenceException(where + "there is not so much memory", false, e);
    }
    Optional<String> difference = dimensions.difference(inputs);
    if (difference.isPresent()) {
      return new InferenceException(difference.get() + ": " + reason, true, e);
    }
    boolean clients = e.getCode() == OrtErrorCode.ORT_INVALID_ARGUMENT;
    return new InferenceException(reason, clients, e);
  }

  /// The engine looks at this before every operator.
  private static void terminate(OrtSession.RunOptions options) {
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("an inference cannot be told to stop", e);
    }
  }

  private static List<Tensor> answers(List<TensorSpec> wanted, OrtSession.Result result)
      throws OrtException {
    var answers = new ArrayList<Tensor>(wanted.size());
    for (TensorSpec spec : wanted) {
      OnnxValue value =
          result
              .get(spec.name())
              .orElseThrow(() -> new OrtException("output `" + spec.name() + "` was not made"));
      answers.add(Outputs.take(spec, value));
    }
    return answers;
  }

  /// In the order of the signature.
  private List<TensorSpec> wanted(List<String> outputs) {
    return outputs.isEmpty()
        ? signature.outputs()
        : signature.outputs().stream().filter(spec -> outputs.contains(spec.name())).toList();
  }

  private static Set<String> names(List<TensorSpec> specs) {
    var names = new LinkedHashSet<String>();
    specs.forEach(spec -> names.add(spec.name()));
    return names;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      frames.close();
      options.close();
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
