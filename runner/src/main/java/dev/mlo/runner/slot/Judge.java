package dev.mlo.runner.slot;

import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Serving;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.Offer;
import dev.mlo.runner.slot.SwapRefusedException.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Says whether an offered version may take the place of the active one, before one byte of it
/// moves.
final class Judge {
  private final Slot slot;
  private final Backends backends;

  Judge(Slot slot, Backends backends) {
    this.slot = slot;
    this.backends = backends;
  }

  void generation(@Nullable Long expected) throws SwapRefusedException {
    if (expected != null && expected != slot.generation()) {
      throw new SwapRefusedException(
          Kind.GENERATION,
          "generation_mismatch",
          "generation %d serves, not %d".formatted(slot.generation(), expected));
    }
  }

  /// Whether the active version is this very one: same files under the same name and version.
  boolean isServing(Offer offer) {
    Serving active = slot.serving(Role.ACTIVE);
    return active != null
        && active.modelDigest().equals(offer.card().digest())
        && active.model().equals(offer.card().name())
        && active.version().equals(offer.card().version());
  }

  void offer(Offer offer, boolean allowSignatureChange) throws SwapRefusedException {
    ModelCard next = offer.card();
    if (!backends.formats().contains(next.format())) {
      throw refused(
          "format_unavailable",
          "no engine for format `%s` here; there is %s"
              .formatted(next.format(), backends.formats()));
    }
    Seats.Seat active = slot.seats().active();
    if (active == null) {
      return;
    }
    ModelCard now = active.held().version().card();
    if (!now.name().equals(next.name())) {
      throw refused(
          "other_model",
          "this runner serves `%s`; `%s` is another model".formatted(now.name(), next.name()));
    }
    List<String> hindrances = now.signature().hindrances(next.signature());
    if (!hindrances.isEmpty() && !allowSignatureChange) {
      throw refused("incompatible_signature", String.join("; ", hindrances));
    }
  }

  private static SwapRefusedException refused(String code, String message) {
    return new SwapRefusedException(Kind.UNACCEPTABLE, code, message);
  }
}
