package dev.mlo.runner.infer;

import dev.mlo.contract.Batching;
import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Lease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Lets requests share an inference: those of one version, of the same shape beside their number of
/// examples, that want the same outputs. What cannot be shared, or fails when it is, is inferred by
/// itself, so that no request suffers from its neighbours.
final class Batches {
  private final InferencePool pool;
  private final Metrics metrics;
  private final ScheduledExecutorService clock;
  private final Map<Key, Batch> open = new HashMap<>();

  /// What requests must have in common.
  private record Key(Serving version, Examples.Kind kind, List<String> outputs) {}

  /// Requests that wait for each other.
  private static final class Batch {
    private final List<OpenRequest> requests = new ArrayList<>();
    private final List<Examples> examples = new ArrayList<>();
    private int size;

    private void add(OpenRequest request, Examples more) {
      requests.add(request);
      examples.add(more);
      size += more.count();
    }
  }

  Batches(InferencePool pool, Metrics metrics, ScheduledExecutorService clock) {
    this.pool = pool;
    this.metrics = metrics;
    this.clock = clock;
  }

  /// Infers now or together with others; the request is answered in any case.
  ///
  /// @param batching `null`: now
  void infer(OpenRequest request, @Nullable Batching batching) {
    if (batching == null) {
      request.infer();
      return;
    }
    Optional<Examples> examples =
        Examples.of(request.request(), request.lease().card().signature());
    if (examples.isEmpty() || examples.get().count() >= batching.max()) {
      request.infer();
      return;
    }
    gather(request, examples.get(), batching).forEach(this::run);
  }

  /// @return the batches that are full now
  private synchronized List<Batch> gather(
      OpenRequest request, Examples examples, Batching batching) {
    var key = new Key(request.lease().serving(), examples.kind(), request.request().outputs());
    var full = new ArrayList<Batch>();
    Batch batch = open.get(key);
    if (batch != null && batch.size + examples.count() > batching.max()) {
      open.remove(key);
      full.add(batch);
      batch = null;
    }
    if (batch == null) {
      batch = new Batch();
      open.put(key, batch);
      expireAfter(batching.delayMillis(), key, batch);
    }
    batch.add(request, examples);
    if (batch.size == batching.max()) {
      open.remove(key);
      full.add(batch);
    }
    return full;
  }

  private void expireAfter(long millis, Key key, Batch batch) {
    Runnable expired =
        () ->
            pool.execute(() -> {
              if (close(key, batch)) {
                run(batch);
              }
            });
    if (millis == 0) {
      // Behind the requests that wait already: they join on their way.
      expired.run();
    } else {
      // What it runs ends in answers, also when it fails.
      var _ = clock.schedule(expired, millis, TimeUnit.MILLISECONDS);
    }
  }

  /// @return whether nobody has closed it before
  private synchronized boolean close(Key key, Batch batch) {
    return open.remove(key, batch);
  }

  private void run(Batch batch) {
    var waiting = new ArrayList<OpenRequest>();
    var examples = new ArrayList<Examples>();
    for (int i = 0; i < batch.requests.size(); i++) {
      OpenRequest request = batch.requests.get(i);
      if (request.isOver()) {
        request.drop();
      } else {
        request.stage(Stage.BATCH);
        waiting.add(request);
        examples.add(batch.examples.get(i));
      }
    }
    if (waiting.size() < 2 || !together(waiting, examples)) {
      waiting.forEach(OpenRequest::infer);
    }
  }

  /// @return whether all were answered
  private boolean together(List<OpenRequest> requests, List<Examples> examples) {
    OpenRequest first = requests.getFirst();
    Lease.Outcome outcome;
    try {
      outcome = first.lease().infer(Examples.joined(examples), first.request().outputs());
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      return false;
    }
    if (!(outcome instanceof Lease.Outcome.Answer answer)) {
      return false;
    }
    int[] counts = examples.stream().mapToInt(Examples::count).toArray();
    var parts = Examples.parted(answer.outputs(), counts);
    if (parts.isEmpty()) {
      return false;
    }
    metrics.batched(first.lease().serving(), java.util.Arrays.stream(counts).sum());
    for (int i = 0; i < requests.size(); i++) {
      requests.get(i).stage(Stage.INFER);
      requests.get(i).answer(parts.get().get(i));
    }
    return true;
  }
}
