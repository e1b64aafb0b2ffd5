package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who sits where in a slot at one moment. A flip replaces the whole record, so that nobody sees
/// half of one.
record Seats(@Nullable Seat active, @Nullable Seat candidate, @Nullable Seat previous) {
  static final Seats EMPTY = new Seats(null, null, null);

  /// A version and what the slot says of it.
  record Seat(Held held, Serving serving) {
    Seat withGeneration(long generation) {
      return new Seat(
          held,
          new Serving(
              serving.model(),
              serving.version(),
              serving.image(),
              serving.imageDigest(),
              serving.modelDigest(),
              generation));
    }
  }

  @Nullable Seat at(Role role) {
    return switch (role) {
      case ACTIVE -> active;
      case CANDIDATE -> candidate;
      case PREVIOUS -> previous;
    };
  }

  Optional<Role> roleOf(String version) {
    for (Role role : Role.values()) {
      Seat seat = at(role);
      if (seat != null && seat.serving().version().equals(version)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  /// The active version becomes the previous one.
  Seats promoting(Seat next) {
    return new Seats(next, /* candidate= */ null, /* previous= */ active);
  }

  Seats withCandidate(@Nullable Seat candidate) {
    return new Seats(active, candidate, previous);
  }

  Seats withPrevious(@Nullable Seat previous) {
    return new Seats(active, candidate, previous);
  }
}
