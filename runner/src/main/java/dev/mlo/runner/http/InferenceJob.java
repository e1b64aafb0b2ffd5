package dev.mlo.runner.http;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.TensorJson;
import dev.mlo.runner.slot.Lease;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// One inference from its body to its answer, on a worker. It takes its lease when it begins, so
/// that a request which waits in the queue keeps no version alive.
final class InferenceJob implements Runnable {
  private final Exchange exchange;
  private final byte[] body;
  private final Supplier<Optional<Lease>> leases;
  private final InferencePool pool;
  private final Metrics metrics;
  private final long admitted = System.nanoTime();

  InferenceJob(
      Exchange exchange,
      byte[] body,
      Supplier<Optional<Lease>> leases,
      InferencePool pool,
      Metrics metrics) {
    this.exchange = exchange;
    this.body = body;
    this.leases = leases;
    this.pool = pool;
    this.metrics = metrics;
  }

  @Override
  public void run() {
    try {
      if (!exchange.isAnswered()) {
        infer();
      }
    } finally {
      pool.done();
    }
  }

  private void infer() {
    Metrics.Request measured = metrics.begin(admitted);
    try (Lease lease = leases.get().orElse(null)) {
      if (lease == null) {
        measured.end(Metrics.Code.INTERNAL);
        exchange.fail(HttpRefusal.later(503, "not_ready", "no such version serves any more"));
        return;
      }
      measured.version(lease.serving(), lease.role().name().toLowerCase(Locale.ROOT));
      answer(lease, measured);
    } catch (MalformedException e) {
      measured.end(Metrics.Code.CLIENT_ERROR);
      exchange.fail(e);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      measured.end(Metrics.Code.INTERNAL);
      exchange.fail(e);
    }
  }

  private void answer(Lease lease, Metrics.Request measured)
      throws MalformedException, IOException {
    InferenceRequest request = TensorJson.request(body);
    InputCheck.check(request, lease.card().signature());
    measured.stage("decode");
    switch (lease.infer(request.inputs(), request.outputs())) {
      case Lease.Outcome.Answer answer -> {
        measured.stage("infer");
        byte[] encoded = encoded(request, lease, answer);
        measured.stage("encode");
        boolean inTime = exchange.send(200, "application/json", encoded, Map.of());
        measured.end(inTime ? Metrics.Code.OK : Metrics.Code.TIMEOUT);
      }
      case Lease.Outcome.BadInput bad -> throw new MalformedException(bad.message());
      case Lease.Outcome.EngineFault fault -> {
        measured.end(Metrics.Code.MODEL_ERROR);
        exchange.fail(new HttpRefusal(500, "model_error", fault.message()));
      }
    }
  }

  private static byte[] encoded(InferenceRequest request, Lease lease, Lease.Outcome.Answer answer)
      throws IOException {
    var out = new ByteArrayOutputStream(512);
    TensorJson.write(
        new InferenceResponse(
            lease.serving().model(), lease.serving().version(), request.id(), answer.outputs()),
        out);
    return out.toByteArray();
  }
}
