package dev.mlo.runner.slot;

import dev.mlo.contract.Labels;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.LoadedVersion;
import dev.mlo.runner.model.ModelVersion;
import dev.mlo.runner.model.VersionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides what a runner serves when it starts: what it served before, else what came with its
/// image. Files are verified and examples answered anew; a version that three times did not become
/// ready gives way to the one before it.
public final class Boot {
  /// Where the version came from.
  public enum Source {
    IMAGE,
    STATE,
    PREVIOUS
  }

  /// @param models the directory of the runner's own image
  /// @param image what a person called that image, when anybody told
  public record Baked(Path models, @Nullable String image, @Nullable String imageDigest) {}

  private final Slot slot;
  private final @Nullable State state;
  private final Backends backends;
  private final Baked baked;
  private final Swaps swaps;
  private final SlotLog log;

  public Boot(
      Slot slot, @Nullable State state, Backends backends, Baked baked, Swaps swaps, SlotLog log) {
    this.slot = slot;
    this.state = state;
    this.backends = backends;
    this.baked = baked;
    this.swaps = swaps;
    this.log = log;
  }

  /// Fills the slot; swaps are possible afterwards.
  ///
  /// @throws BootException when neither state nor image hold a version that answers its examples
  public Source run() throws BootException {
    try {
      State remembered = state;
      return remembered == null ? fresh(null, 1) : remembered(remembered);
    } catch (VersionException | IOException e) {
      throw new BootException(String.valueOf(e.getMessage()), e);
    }
  }

  private Source remembered(State state) throws VersionException, IOException {
    Optional<Pointer> read = state.pointer();
    settle(state, read.orElse(null));
    if (read.isEmpty()) {
      return fresh(state, 1);
    }
    Pointer pointer = read.get();
    @Nullable String digest = bakedDigest();
    if (digest != null && pointer.baked() != null && !digest.equals(pointer.baked())) {
      // Another image than the one swapped away from: somebody deployed anew, and means it.
      return fresh(state, pointer.generation() + 1);
    }
    return resume(state, pointer, digest);
  }

  private Source resume(State state, Pointer pointer, @Nullable String digest)
      throws VersionException, IOException {
    Optional<ModelVersion> files = files(state, pointer.active());
    String target = pointer.generation() + " " + pointer.active().modelDigest();
    if (files.isPresent() && !state.guard().isExhausted(target)) {
      state.guard().attempt(target);
      seat(files.get(), pointer.generation());
      state.guard().succeeded();
      openSwaps(state, digest);
      loadPrevious(state, pointer);
      return Source.STATE;
    }
    return fallBack(state, pointer, digest);
  }

  private Source fallBack(State state, Pointer pointer, @Nullable String digest)
      throws VersionException, IOException {
    Optional<ModelVersion> previous =
        pointer.previous() == null ? Optional.empty() : files(state, pointer.previous());
    long generation = pointer.generation() + 1;
    ModelVersion version = previous.isPresent() ? previous.get() : own();
    seat(version, generation);
    Serving now = slot.serving(Role.ACTIVE);
    new Pointer(generation, Pointer.Version.of(version), null, null, digest)
        .write(state.pointerFile());
    state
        .journal()
        .append(
            HistoryEntry.Event.ROLLED_BACK,
            null,
            null,
            now,
            "boot_guard: version %s did not become ready".formatted(pointer.active().version()));
    if (now != null) {
      log.rolledBack(now, "boot_guard");
    }
    state.guard().succeeded();
    openSwaps(state, digest);
    return version.baked() ? Source.IMAGE : Source.PREVIOUS;
  }

  private Source fresh(@Nullable State state, long generation)
      throws VersionException, IOException {
    ModelVersion version = own();
    seat(version, generation);
    if (state != null) {
      if (generation > 1) {
        new Pointer(generation, Pointer.Version.of(version), null, null, version.card().digest())
            .write(state.pointerFile());
      }
      openSwaps(state, version.card().digest());
    }
    return Source.IMAGE;
  }

  private void openSwaps(State state, @Nullable String digest) {
    Commit commit = new Commit(slot, state, digest, log);
    swaps.open(commit);
  }

  /// The model that came with the runner's image.
  private ModelVersion own() throws VersionException, IOException {
    return ModelVersion.verified(baked.models(), baked.image(), baked.imageDigest(), true);
  }

  private @Nullable String bakedDigest() throws VersionException, IOException {
    return Files.exists(baked.models().resolve(Labels.CARD_FILE)) ? own().card().digest() : null;
  }

  /// The verified files of a version the pointer names; empty when they are not what they were.
  private Optional<ModelVersion> files(State state, Pointer.Version version) throws IOException {
    try {
      if (version.baked()) {
        return Optional.of(own());
      }
      String digest = version.imageDigest();
      String image = version.image();
      return digest == null
          ? Optional.empty()
          : Optional.of(state.versions().open(digest, image == null ? digest : image));
    } catch (VersionException e) {
      log.trouble("version " + version.version() + " on disk is not what it was", e);
      return Optional.empty();
    }
  }

  private void seat(ModelVersion version, long generation) throws VersionException, IOException {
    LoadedVersion loaded = proven(version);
    Seats.Seat seat = slot.seat(loaded, generation);
    long nanos = slot.flip(new Seats(seat, null, null));
    log.flipped(seat.serving(), nanos);
  }

  private LoadedVersion proven(ModelVersion version) throws VersionException, IOException {
    LoadedVersion loaded = LoadedVersion.open(version, backends);
    try {
      SelfTest.test(loaded);
      SelfTest.warm(loaded);
      return loaded;
    } catch (VersionException e) {
      loaded.close();
      throw e;
    }
  }

  /// In the background, so that a rollback is again a matter of milliseconds.
  private void loadPrevious(State state, Pointer pointer) {
    Pointer.Version previous = pointer.previous();
    if (previous == null) {
      return;
    }
    swaps.whenIdle(() -> {
      try {
        Optional<ModelVersion> files = files(state, previous);
        if (files.isPresent()) {
          Seats.Seat seat = slot.seat(proven(files.get()), pointer.generation() - 1);
          slot.flip(slot.seats().withPrevious(seat));
        }
      } catch (VersionException | IOException e) {
        log.trouble("the previous version does not load", e);
      }
    });
  }

  /// Gives the swap a crash interrupted its last word: the pointer says whether it was committed.
  private void settle(State state, @Nullable Pointer pointer) throws IOException {
    HistoryEntry open = null;
    for (HistoryEntry entry : state.journal().entries()) {
      open = entry.swap() == null ? open : entry.event().isOutcome() ? null : entry;
    }
    SwapReport report = open == null ? null : open.report();
    if (open == null || report == null) {
      return;
    }
    boolean committed = pointer != null && report.id().equals(pointer.swap());
    var end =
        new SwapReport(
            report.id(),
            report.image(),
            report.digest(),
            committed ? SwapState.COMMITTED : SwapState.INTERRUPTED,
            report.from(),
            report.to(),
            List.of(),
            report.timings(),
            null,
            committed ? report.to() : report.from(),
            report.startedAt(),
            report.reason());
    state
        .journal()
        .append(HistoryEntry.Event.ENDED, report.id(), end, end.serving(), "after a restart");
  }
}
