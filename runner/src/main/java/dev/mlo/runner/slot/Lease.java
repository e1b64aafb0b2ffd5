package dev.mlo.runner.slot;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Serving;
import dev.mlo.contract.Tensor;
import dev.mlo.runner.model.Inference;
import dev.mlo.runner.model.InferenceFailure;
import dev.mlo.runner.model.LoadedVersion;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// One request's hold on one version, from decoding to encoding. The version stays loaded until the
/// lease is closed, whatever swaps happen meanwhile.
public final class Lease implements AutoCloseable {
  private final Seats.Seat seat;
  private final Role role;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Inference inference;

  Lease(Seats.Seat seat, Role role) {
    this.seat = seat;
    this.role = role;
    this.inference = seat.held().version().inference();
  }

  public Role role() {
    return role;
  }

  public Serving serving() {
    return seat.serving();
  }

  LoadedVersion version() {
    return seat.held().version();
  }

  public ModelCard card() {
    return version().card();
  }

  /// The golden examples of the version.
  public List<Example> examples() {
    return version().examples().stream()
        .map(one -> new Example(one.name(), one.request(), one.expected()))
        .toList();
  }

  /// What the Open Inference Protocol calls `platform`.
  public String platform() {
    return version().platform();
  }

  /// One inference at a time.
  ///
  /// @param inputs checked against the card's signature
  /// @param outputs the names of the outputs that are wanted; empty: all
  public Outcome infer(List<Tensor> inputs, List<String> outputs) {
    try {
      return new Outcome.Answer(inference.infer(inputs, outputs));
    } catch (InferenceFailure e) {
      String message = String.valueOf(e.getMessage());
      return e.isClients() ? new Outcome.BadInput(message) : new Outcome.EngineFault(message);
    }
  }

  /// Tells the engine that nobody waits for this lease's answer any more: the inference under way,
  /// if any, ends with an [Outcome.EngineFault] as soon as the engine looks up, and a later one
  /// ends at once. From any thread, at any time, also after the lease was closed; returns at once.
  public void cancel() {
    inference.cancel();
  }

  public boolean isCancelled() {
    return inference.isCancelled();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      seat.held().release();
    }
  }

  /// A golden example.
  ///
  /// @param name the request's path below the model directory
  public record Example(String name, InferenceRequest request, List<Tensor> expected) {
    public Example {
      expected = List.copyOf(expected);
    }
  }

  /// What came of an inference.
  public sealed interface Outcome {
    record Answer(List<Tensor> outputs) implements Outcome {
      public Answer {
        outputs = List.copyOf(outputs);
      }
    }

    /// The engine blames the inputs.
    record BadInput(String message) implements Outcome {}

    record EngineFault(String message) implements Outcome {}
  }
}
