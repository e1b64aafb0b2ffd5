package dev.mlo.runner.infer;

import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Lease;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Where every protocol brings its requests: finds the version, queues, and sees to it that each
/// one ends in time.
public final class Inferences implements AutoCloseable {
  /// A request in the queue.
  @FunctionalInterface
  public interface Ticket {
    /// The caller has gone: a request in the queue gives its place up, one that has begun stops.
    void withdraw();
  }

  private static final long HERE_BYTES = 8 << 10;

  private final Slot slot;
  private final InferencePool pool = new InferencePool();
  private final Metrics metrics;
  private final BodyMemory memory = new BodyMemory();
  private final ScheduledThreadPoolExecutor clock;
  private final Batches batches;
  private final Guard guard = new Guard();

  public Inferences(Slot slot, Metrics metrics) {
    this.slot = slot;
    this.metrics = metrics;
    clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("mlo-deadline").factory());
    clock.setRemoveOnCancelPolicy(true);
    batches = new Batches(pool, metrics, clock);
    metrics.watch(slot, pool, memory);
  }

  /// How many threads there are, how long the queue is and how long an answer may take from now on.
  public void apply(ServeSettings settings) {
    pool.apply(settings);
  }

  public ServeSettings settings() {
    return pool.settings();
  }

  /// What request bodies may take of the heap.
  public BodyMemory memory() {
    return memory;
  }

  /// The largest request body, in bytes: what the version wants, or what fits this process.
  public long maxRequestBytes() {
    return Math.min(pool.settings().maxRequestBytes(), memory.limit());
  }

  /// The version that a request names.
  ///
  /// @param version `null` or empty: the active one
  /// @throws Refusal when nothing serves, or it is another model or version
  public Target target(String model, @Nullable String version) throws Refusal {
    Serving active = slot.serving(Role.ACTIVE);
    if (active == null) {
      throw new Refusal(Refusal.Reason.NOT_READY, "not_ready", "no model is loaded yet");
    }
    if (!active.model().equals(model)) {
      // The first words are those that clients of other servers look for.
      throw new Refusal(
          Refusal.Reason.UNKNOWN,
          "unknown_model",
          "Request for unknown model: there is no model `%s` here; `%s` is"
              .formatted(model, active.model()));
    }
    if (version == null || version.isEmpty()) {
      return new Target(active, slot::lease);
    }
    if (!slot.holds(version)) {
      throw new Refusal(
          Refusal.Reason.UNKNOWN,
          "unknown_version",
          "version `%s` of `%s` is not loaded; %s is active"
              .formatted(version, model, active.version()));
    }
    return new Target(active, () -> slot.lease(version));
  }

  /// Whether a version can be asked.
  ///
  /// @throws Refusal when it is another model or version
  public boolean isReady(String model, @Nullable String version) throws Refusal {
    try (Lease _ = target(model, version).lease()) {
      return slot.isReady();
    } catch (Refusal e) {
      if (e.reason() == Refusal.Reason.NOT_READY) {
        return false;
      }
      throw e;
    }
  }

  /// @throws Refusal when nothing serves, or it is another model or version
  public ModelFacts facts(String model, @Nullable String version) throws Refusal {
    try (Lease lease = target(model, version).lease()) {
      return new ModelFacts(
          lease.serving(),
          loaded().stream().map(Serving::version).toList(),
          lease.platform(),
          lease.card().signature());
    }
  }

  /// What was counted for each loaded version of a model, or for one of them.
  ///
  /// @param model empty: the one that is here
  /// @throws Refusal when nothing serves, or it is another model or version
  public Map<Serving, Statistics> statistics(String model, @Nullable String version)
      throws Refusal {
    Serving active = slot.serving(Role.ACTIVE);
    target(model.isEmpty() && active != null ? active.model() : model, version);
    var found = new LinkedHashMap<Serving, Statistics>();
    for (Serving one : loaded()) {
      if (version == null || version.isEmpty() || version.equals(one.version())) {
        found.put(one, metrics.statistics(one.model(), one.version()));
      }
    }
    return found;
  }

  /// Every version that is loaded, the active one first.
  public List<Serving> loaded() {
    return slot.loaded();
  }

  /// Answers a request: at once on this thread, when nobody else waits and the version is so quick
  /// that the way to a worker would take longer; otherwise as [#submit] does. For threads that must
  /// not be held up.
  ///
  /// @param bytes of the request; only small ones are answered here
  /// @throws Refusal when the queue is full or the runner stops
  public Ticket answer(Target target, Conversation conversation, long bytes) throws Refusal {
    if (bytes > HERE_BYTES
        || pool.settings().batching() != null
        || !metrics.speed().isQuick(target.admitted())
        || !pool.enter()) {
      return submit(target, conversation);
    }
    var job = new InferenceJob(conversation, target, pool, batches, metrics);
    var ticket = new AtomicReference<Ticket>(job::abandon);
    job.runHere(guard, () -> ticket.set(anew(target, conversation)));
    return ticket.getPlain();
  }

  private Ticket anew(Target target, Conversation conversation) {
    try {
      return submit(target, conversation);
    } catch (Refusal e) {
      conversation.refuse(e);
      return () -> {};
    }
  }

  /// Puts a request into the queue. From here on it is answered or refused, whatever happens.
  ///
  /// @return what takes it back
  /// @throws Refusal when the queue is full or the runner stops
  public Ticket submit(Target target, Conversation conversation) throws Refusal {
    var job = new InferenceJob(conversation, target, pool, batches, metrics);
    try {
      pool.submit(job);
    } catch (Refusal e) {
      metrics.turnedAway(target.admitted(), conversation.protocol(), Code.REJECTED);
      throw e;
    }
    var patience = new Patience(job, clock, pool.settings().timeoutMillis());
    patience.begin();
    job.whenDone(patience::end);
    return job::abandon;
  }

  @Override
  public void close() {
    guard.close();
    pool.close();
    clock.shutdownNow();
  }
}
