package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.util.List;

/// What a gate says of a release.
public sealed interface Verdict {
  /// @param because what was seen, in a few words
  /// @param evidence statements about the release that were relied on
  record Pass(String because, List<Evidence> evidence) implements Verdict {
    public Pass {
      evidence = List.copyOf(evidence);
    }
  }

  /// @param hint how to make it pass
  record Fail(String reason, String hint) implements Verdict {}

  /// Not known yet: what a dry run would have to do first.
  record Pending(String reason) implements Verdict {}

  /// A document bound to the release by its digest.
  record Evidence(Digest digest, String type) {}

  static Verdict pass(String because) {
    return new Pass(because, List.of());
  }
}
