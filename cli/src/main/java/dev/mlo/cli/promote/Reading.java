package dev.mlo.cli.promote;

import dev.mlo.cli.project.Environment;
import dev.mlo.oci.Digest;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was read of one environment, and what it means.
///
/// @param past every release the environment had, the current one last
/// @param lost what of the current release is missing; `null` when it is whole
/// @param images of each release that is an index, the images for one platform it lists: a runner
///   serves one of these
/// @param runners grows while runners are found
record Reading(
    String model,
    Environment environment,
    @Nullable EnvironmentRecord record,
    List<Release> past,
    @Nullable Digest pointer,
    @Nullable String lost,
    Map<Digest, Set<Digest>> images,
    List<RunnerSighting> runners) {

  static Reading of(String model, Environment environment, Ledger ledger) throws IOException {
    @Nullable EnvironmentRecord record = ledger.record(model, environment.name()).orElse(null);
    List<Release> past =
        ledger.events(model, environment.name()).stream().map(LedgerEvent::to).toList();
    @Nullable Digest pointer = null;
    @Nullable String lost = null;
    Map<Digest, Set<Digest>> images = new HashMap<>();
    try {
      LayoutStore store = LayoutStore.open(environment.store());
      pointer = Standing.digest(store.tags(), model + ":" + environment.name());
      lost = record == null ? null : Whole.fault(store, record.current().root()).orElse(null);
      for (Release release : past) {
        images.putIfAbsent(release.digest(), images(store, release));
      }
    } catch (NotFoundException e) {
      lost = record == null ? null : e.getMessage();
    }
    return new Reading(model, environment, record, past, pointer, lost, images, new ArrayList<>());
  }

  private static Set<Digest> images(LayoutStore store, Release release) throws IOException {
    if (!MediaTypes.isIndex(release.mediaType()) || !store.has(release.root())) {
      return Set.of();
    }
    var images = new HashSet<Digest>();
    Index.parse(store.manifest(release.root()))
        .manifests()
        .forEach(image -> images.add(image.digest()));
    return images;
  }

  /// The environments a runner on this machine belongs to: the one it was started for by name; else
  /// those that point at what it serves; else the last one that ever did.
  static List<Reading> homes(RunnerSighting runner, List<Reading> readings) {
    @Nullable String image = runner.image();
    List<Reading> byName =
        readings.stream()
            .filter(reading ->
                image != null
                    && (image.equals("env:" + reading.environment.name())
                        || image.equals(reading.model + ":" + reading.environment.name())))
            .toList();
    if (!byName.isEmpty() || runner.serves() == null) {
      return byName;
    }
    RunnerSighting.Serves serves = runner.serves();
    List<Reading> current = readings.stream().filter(reading -> reading.wants(serves)).toList();
    if (!current.isEmpty()) {
      return current;
    }
    Optional<Reading> last =
        readings.reversed().stream().filter(reading -> reading.had(serves)).findFirst();
    return last.map(List::of).orElse(List.of());
  }

  private boolean wants(RunnerSighting.Serves serves) {
    return record != null && is(record.current(), serves);
  }

  private boolean had(RunnerSighting.Serves serves) {
    return past.stream().anyMatch(release -> is(release, serves));
  }

  /// By digest; by version where the runner was not told the digest.
  private boolean is(Release release, RunnerSighting.Serves serves) {
    return serves.digest() != null
        ? release.digest().equals(serves.digest())
            || images.getOrDefault(release.digest(), Set.of()).contains(serves.digest())
        : model.equals(serves.model()) && release.version().equals(serves.version());
  }

  EnvironmentStatus status() {
    var drifts = new ArrayList<Drift>();
    pointerDrift().ifPresent(drifts::add);
    if (lost != null && record != null) {
      drifts.add(new Drift(Drift.Kind.CONTENT_LOST, lost, again(record.current().digest())));
    }
    for (RunnerSighting runner : runners) {
      runnerDrift(runner).ifPresent(drifts::add);
    }
    return new EnvironmentStatus(environment.name(), record, pointer, runners, drifts);
  }

  private Optional<Drift> pointerDrift() {
    String tag = model + ":" + environment.name();
    if (record == null) {
      return pointer == null
          ? Optional.empty()
          : drift(
              Drift.Kind.FOREIGN,
              "`%s` points at %s, and the ledger knows of no promotion".formatted(tag, pointer),
              again(pointer));
    }
    Digest wanted = record.current().digest();
    if (wanted.equals(pointer)) {
      return Optional.empty();
    }
    if (pointer == null) {
      return record.sequence() == 1 && record.pointer().replaces() == null
          ? drift(Drift.Kind.INTERRUPTED, "`%s` was not made yet".formatted(tag), again(wanted))
          : drift(Drift.Kind.POINTER_MISSING, "there is no `%s`".formatted(tag), again(wanted));
    }
    String points = "`%s` still points at %s".formatted(tag, pointer);
    if (record.expectsPointerAt(pointer)) {
      return drift(Drift.Kind.INTERRUPTED, points, again(wanted));
    }
    Digest foreign = pointer;
    boolean had = past.stream().anyMatch(release -> release.digest().equals(foreign));
    return drift(
        had ? Drift.Kind.REWOUND : Drift.Kind.FOREIGN,
        "`%s` points at %s, not at %s".formatted(tag, foreign, wanted),
        again(wanted) + " --replace " + foreign);
  }

  private static Optional<Drift> drift(Drift.Kind kind, String detail, String remedy) {
    return Optional.of(new Drift(kind, detail, remedy));
  }

  private String again(Digest digest) {
    return "mlo promote %s@%s --to %s".formatted(model, digest, environment.name());
  }

  private Optional<Drift> runnerDrift(RunnerSighting runner) {
    RunnerSighting.@Nullable Serves serves = runner.serves();
    if (serves == null || record == null || wants(serves)) {
      return Optional.empty();
    }
    return drift(
        had(serves) ? Drift.Kind.RUNNER_BEHIND : Drift.Kind.RUNNER_UNKNOWN,
        "%s serves %s %s".formatted(runner.url(), serves.model(), serves.version()),
        "mlo swap env:%s".formatted(environment.name()));
  }
}
