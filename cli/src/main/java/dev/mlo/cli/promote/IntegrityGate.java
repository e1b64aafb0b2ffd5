package dev.mlo.cli.promote;

/// Is every byte of the release there, and the one its digest promises?
record IntegrityGate() implements Gate {
  static final String NAME = "integrity";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Verdict judge(Candidate candidate) {
    if (candidate.closure() == null) {
      return new Verdict.Fail(
          candidate.fault() == null ? "the image is incomplete" : candidate.fault(),
          candidate.source().name().equals(Candidate.Origin.PROJECT)
              ? "build it again: mlo build"
              : "bring it in again: mlo promote %s --to %s"
                  .formatted(candidate.versionTag(), candidate.source().name()));
    }
    return Verdict.pass("%d blobs, every digest checked".formatted(candidate.size().blobs()));
  }
}
