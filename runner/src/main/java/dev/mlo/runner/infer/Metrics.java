package dev.mlo.runner.infer;

import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.SlotLog;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What the runner counts, in Prometheus's terms: seconds, bytes, totals.
public final class Metrics {
  private static final double[] SECONDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final LongAdder answered = new LongAdder();
  private final Speed speed = new Speed();
  private final Map<Series, Points> points = new ConcurrentHashMap<>();
  private final Map<List<String>, Statistics> statistics = new ConcurrentHashMap<>();
  private final Map<Stage, DistributionDataPoint> stagePoints = new EnumMap<>(Stage.class);
  private final Recent recent = new Recent(System::nanoTime);
  private final Counter requests =
      Counter.builder()
          .name("mlo_inference_requests_total")
          .help("Inference requests by the version that answered and how they ended.")
          .withoutExemplars()
          .labelNames("model_name", "model_version", "role", "protocol", "code")
          .register(registry);
  private final Histogram durations =
      histogram("mlo_inference_duration_seconds", "model_name", "model_version", "role");
  private final SwapMetrics swaps = new SwapMetrics(registry);
  private final Histogram batches =
      Histogram.builder()
          .name("mlo_inference_batch_size")
          .help("Examples of inferences that requests shared.")
          .classicOnly()
          .withoutExemplars()
          .classicUpperBounds(2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
          .register(registry);

  public Metrics() {
    Histogram stages = histogram("mlo_inference_stage_duration_seconds", "stage");
    for (Stage stage : Stage.values()) {
      stagePoints.put(stage, stages.labelValues(stage.label()));
    }
  }

  /// What is counted of swaps; to be told of them.
  public SlotLog swaps() {
    return swaps;
  }

  private Histogram histogram(String name, String... labels) {
    return histogram(registry, name, labels);
  }

  static Histogram histogram(PrometheusRegistry registry, String name, String... labels) {
    return Histogram.builder()
        .name(name)
        .help("Time it took, in seconds.")
        .labelNames(labels)
        .classicOnly()
        .withoutExemplars()
        .classicUpperBounds(SECONDS)
        .register(registry);
  }

  /// Adds what is read at the moment somebody asks.
  void watch(Slot slot, InferencePool pool, BodyMemory memory) {
    GaugeWithCallback.builder()
        .name("mlo_model_info")
        .help("The versions that are loaded.")
        .labelNames("model_name", "model_version", "model_digest", "image_digest", "role")
        .callback(callback -> infos(slot, callback))
        .register(registry);
    gauge("mlo_model_generation", "Counts the flips of this runner's slot.", slot::generation);
    gauge("mlo_inference_in_flight", "Requests on a worker.", pool::running);
    gauge("mlo_inference_queue_size", "Requests that wait for a worker.", pool::queued);
    gauge("mlo_request_body_bytes", "Heap that request bodies take.", memory::taken);
    gauge("mlo_ready", "1 while requests may be sent here.", () -> slot.isReady() ? 1 : 0);
  }

  private void gauge(String name, String help, java.util.function.LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  private static void infos(Slot slot, GaugeWithCallback.Callback callback) {
    for (Role role : Role.values()) {
      Serving serving = slot.serving(role);
      if (serving != null) {
        callback.call(
            1,
            serving.model(),
            serving.version(),
            serving.modelDigest(),
            Objects.requireNonNullElse(serving.imageDigest(), ""),
            role.name().toLowerCase(Locale.ROOT));
      }
    }
  }

  /// The text format of Prometheus, version 0.0.4.
  public byte[] text() throws IOException {
    var out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, registry.scrape(), EscapingScheme.ALLOW_UTF8);
    return out.toByteArray();
  }

  /// Inference requests that were answered, whatever the answer.
  public long answered() {
    return answered.sum();
  }

  /// The last minute, for the page.
  public Recent recent() {
    return recent;
  }

  void batched(Serving version, int examples) {
    statistics(version.model(), version.version()).executed();
    batches.observe(examples);
  }

  /// A request that never reached a worker.
  void turnedAway(Serving admitted, String protocol, Code code) {
    count(admitted.model(), admitted.version(), "active", protocol, code);
  }

  private void count(String model, String version, String role, String protocol, Code code) {
    answered.increment();
    recent.count(code);
    points(new Series(model, version, role, protocol))
        .codes
        .computeIfAbsent(
            code, _ -> requests.labelValues(model, version, role, protocol, code.label()))
        .inc();
  }

  /// The labels that the requests of one version by one protocol have in common.
  private record Series(String model, String version, String role, String protocol) {}

  /// The counters of a series, looked up once: by their labels it would take longer than many an
  /// inference.
  private static final class Points {
    private final Map<Code, CounterDataPoint> codes = new ConcurrentHashMap<>();
    private final DistributionDataPoint duration;
    private final Statistics statistics;

    private Points(DistributionDataPoint duration, Statistics statistics) {
      this.duration = duration;
      this.statistics = statistics;
    }
  }

  private Points points(Series series) {
    Points known = points.get(series);
    return known == null
        ? points.computeIfAbsent(
            series,
            one ->
                new Points(
                    durations.labelValues(one.model, one.version, one.role),
                    statistics(one.model, one.version)))
        : known;
  }

  /// Of a version by its name.
  Statistics statistics(String model, String version) {
    return statistics.computeIfAbsent(List.of(model, version), _ -> new Statistics());
  }

  Speed speed() {
    return speed;
  }

  /// @param admitted when the request was put into the queue, as [System#nanoTime()]
  Request begin(String protocol, long admitted) {
    return new Request(protocol, admitted);
  }

  /// The clock of one request; each stage begins where the one before ended.
  final class Request {
    private final String protocol;
    private final long admitted;
    private final Statistics.Stages spent = new Statistics.Stages();
    private long since;
    private String model = "";
    private String version = "";
    private String role = "active";

    private Request(String protocol, long admitted) {
      this.protocol = protocol;
      this.admitted = admitted;
      this.since = admitted;
      stage(Stage.QUEUE);
    }

    void version(Serving serving, String role) {
      this.model = serving.model();
      this.version = serving.version();
      this.role = role;
    }

    void stage(Stage stage) {
      long now = System.nanoTime();
      stage(stage, now - since);
      since = now;
    }

    /// [Stage#INFER] of an inference that nobody shared.
    void inferred(Serving version) {
      long now = System.nanoTime();
      stage(Stage.INFER, now - since);
      speed.took(version, now - since);
      points(new Series(model, this.version, role, protocol)).statistics.executed();
      since = now;
    }

    /// It was not as quick as the version is.
    void stopped(Serving version) {
      speed.took(version, System.nanoTime() - since);
    }

    private void stage(Stage stage, long nanos) {
      spent.add(stage, nanos);
      Objects.requireNonNull(stagePoints.get(stage)).observe(nanos / 1e9);
    }

    void end(Code code) {
      count(model, version, role, protocol, code);
      long nanos = System.nanoTime() - admitted;
      Points points = points(new Series(model, version, role, protocol));
      points.duration.observe(nanos / 1e9);
      if (code == Code.OK) {
        points.statistics.answered(nanos, spent);
      } else {
        points.statistics.failed(nanos);
      }
      recent.took(nanos);
    }
  }
}
