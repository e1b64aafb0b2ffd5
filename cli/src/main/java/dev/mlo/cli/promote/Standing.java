package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An environment as it is before anything is done to it.
///
/// @param record what the ledger says; `null` when nothing was promoted there
/// @param pointer the digest the pointer tag has; `null` when there is no such tag
/// @param version the digest the candidate's version tag has there; `null` when there is none
record Standing(
    @Nullable EnvironmentRecord record, @Nullable Digest pointer, @Nullable Digest version) {
  static Standing of(Ledger ledger, Candidate candidate) throws IOException {
    @Nullable EnvironmentRecord record =
        ledger.record(candidate.model(), candidate.target().name()).orElse(null);
    try {
      Map<String, Descriptor> tags = LayoutStore.open(candidate.target().store()).tags();
      return new Standing(
          record, digest(tags, candidate.pointerTag()), digest(tags, candidate.versionTag()));
    } catch (NotFoundException e) {
      return new Standing(record, null, null);
    }
  }

  static @Nullable Digest digest(Map<String, Descriptor> tags, String name) {
    @Nullable Descriptor there = tags.get(name);
    return there == null ? null : there.digest();
  }

  boolean isAt(Release release) {
    return record != null && record.current().digest().equals(release.digest());
  }

  /// @param replace a digest the caller knows of and wants to be replaced
  /// @throws Failure CONFLICT when the pointer is where neither the ledger nor the caller expects
  ///   it
  void refuseForeignPointer(Candidate candidate, @Nullable Digest replace) {
    @Nullable Digest now = pointer;
    boolean expected =
        now == null
            || now.equals(candidate.release().digest())
            || now.equals(replace)
            || (record != null
                && (now.equals(record.current().digest()) || record.expectsPointerAt(now)));
    if (!expected && now != null) {
      throw foreign(candidate, now, record);
    }
  }

  static Failure foreign(Candidate candidate, Digest now, @Nullable EnvironmentRecord record) {
    String model = candidate.model();
    String to = candidate.target().name();
    String said =
        record == null
            ? "the ledger knows of no promotion to `%s`".formatted(to)
            : "the ledger says %s, version %s, since #%d"
                .formatted(
                    record.current().digest(), record.current().version(), record.sequence());
    return Failure.of(
            ExitCode.CONFLICT,
            "`%s` points at %s, which mlo did not put there".formatted(candidate.pointerTag(), now))
        .why(said)
        .why("wanted: %s".formatted(candidate.release().digest()))
        .hint(
            "keep it: mlo promote %s@%s --to %s; replace it: mlo promote %s@%s --to %s --replace %s"
                .formatted(model, now, to, model, candidate.release().digest(), to, now));
  }

  /// @throws Failure CONFLICT when the version is another image there
  void refuseVersionClash(Candidate candidate) {
    @Nullable Digest there = version;
    if (there != null && !there.equals(candidate.release().digest())) {
      throw clash(candidate, there);
    }
  }

  static Failure clash(Candidate candidate, Digest there) {
    return Failure.of(
            ExitCode.CONFLICT,
            "`%s` is another image in `%s`"
                .formatted(candidate.versionTag(), candidate.target().name()))
        .why("there: %s".formatted(there))
        .why("here:  %s".formatted(candidate.release().digest()))
        .why("a version is given once and for all")
        .hint("change `version:` in mlops.yaml and build again");
  }
}
