package dev.mlo.runner.model;

import dev.mlo.backend.Backend;
import dev.mlo.backend.Cancellation;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A version an engine has opened. Whoever holds it sees to it that nobody infers while it is
/// closed: with a native engine that ends the process.
public final class LoadedVersion implements AutoCloseable {
  private final ModelVersion version;
  private final String platform;
  private final Session session;
  private final List<Example> examples;

  private LoadedVersion(
      ModelVersion version, String platform, Session session, List<Example> examples) {
    this.version = version;
    this.platform = platform;
    this.session = session;
    this.examples = examples;
  }

  /// @throws VersionException when the engine is not there, refuses the model, or finds other
  ///   inputs and outputs in it than the card promises
  public static LoadedVersion open(ModelVersion version, Backends backends)
      throws IOException, VersionException {
    ModelCard card = version.card();
    Optional<Backend> backend = backends.find(card.format());
    if (backend.isEmpty()) {
      throw new VersionException(
          "format_unavailable",
          "no engine for format `%s` here; there is %s"
              .formatted(card.format(), backends.formats()));
    }
    List<Example> examples = version.examples();
    Session session = open(version, backend.get());
    List<String> contradictions = contradictions(card.signature(), session.signature());
    if (!contradictions.isEmpty()) {
      session.close();
      throw new VersionException(
          "signature_mismatch",
          "the model is not what its card says: " + contradictions.getFirst());
    }
    return new LoadedVersion(version, backend.get().platform(), session, examples);
  }

  /// Names and datatypes must agree. Shapes need not: an engine may know less of them than the
  /// card.
  private static List<String> contradictions(Signature card, Signature engine) {
    var found = new ArrayList<String>();
    for (TensorSpec input : engine.inputs()) {
      if (card.input(input.name()).isEmpty()) {
        found.add("it wants the input `" + input.name() + "`");
      }
    }
    card.inputs().forEach(spec -> compare("input", spec, engine.input(spec.name()), found));
    card.outputs().forEach(spec -> compare("output", spec, engine.output(spec.name()), found));
    return found;
  }

  private static void compare(
      String kind, TensorSpec card, Optional<TensorSpec> engine, List<String> found) {
    if (engine.isEmpty()) {
      found.add("it has no %s `%s`".formatted(kind, card.name()));
    } else if (engine.get().datatype() != card.datatype()) {
      found.add(
          "its %s `%s` is %s, not %s"
              .formatted(kind, card.name(), engine.get().datatype(), card.datatype()));
    }
  }

  private static Session open(ModelVersion version, Backend backend) throws VersionException {
    try {
      return backend.open(version.directory(), version.card().entry(), 1);
    } catch (ModelException | RuntimeException | LinkageError | OutOfMemoryError e) {
      throw new VersionException(
          "load_error",
          "%s %s does not load: %s"
              .formatted(version.card().name(), version.card().version(), reason(e)),
          e);
    }
  }

  private static String reason(Throwable e) {
    String message = e.getMessage();
    return e instanceof ModelException && message != null ? message : e.toString();
  }

  public ModelVersion version() {
    return version;
  }

  public ModelCard card() {
    return version.card();
  }

  /// What the Open Inference Protocol calls `platform`.
  public String platform() {
    return platform;
  }

  public List<Example> examples() {
    return examples;
  }

  /// A question that is still to be asked.
  public Inference inference() {
    return new Inference(this);
  }

  /// @param inputs checked against the signature
  /// @param cancellation this inference's own
  /// @throws InferenceFailure whatever the engine throws
  List<Tensor> infer(List<Tensor> inputs, List<String> outputs, Cancellation cancellation)
      throws InferenceFailure {
    try {
      return session.infer(inputs, outputs, cancellation);
    } catch (InferenceException e) {
      throw new InferenceFailure(String.valueOf(e.getMessage()), e.isClients(), e);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      throw new InferenceFailure("the engine failed: " + e, false, e);
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
