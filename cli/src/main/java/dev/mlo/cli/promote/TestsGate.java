package dev.mlo.cli.promote;

import dev.mlo.attest.TestResult;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Did this release answer its golden examples? Where nobody has asked yet, they are asked now.
///
/// @param ask whether they may be asked now; a dry run may not
record TestsGate(ExampleTester tester, PromotionLog log, boolean ask) implements Gate {
  static final String NAME = "tests";

  /// Where a statement says when it was made.
  private static final String CREATED = "org.opencontainers.image.created";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Verdict judge(Candidate candidate) throws IOException {
    if (candidate.closure() == null) {
      return new Verdict.Pending("not asked: the image is incomplete");
    }
    if (candidate.image().examples() == 0) {
      return new Verdict.Fail(
          "the image carries no examples",
          "add `examples:` to mlops.yaml and build again, or give `%s` gates: {tests: off}"
              .formatted(candidate.target().name()));
    }
    LayoutStore store = candidate.source().store();
    Descriptor root = candidate.release().root();
    Optional<TestResult> known = TestResult.find(store, root.digest());
    if (known.isPresent()) {
      return verdict(candidate, known.get(), evidence(store, known.get()));
    }
    if (!ask) {
      return new Verdict.Pending(
          "the %d examples would be asked now".formatted(candidate.image().examples()));
    }
    log.testing(candidate.release(), candidate.image().examples());
    TestResult result = tester.test(store, root);
    return verdict(candidate, result, evidence(store, result));
  }

  private static Verdict verdict(
      Candidate candidate, TestResult result, List<Verdict.Evidence> evidence) {
    if (!result.subject().equals(candidate.release().digest())) {
      return new Verdict.Fail(
          "the test result speaks of " + result.subject(), "mlo test " + candidate.versionTag());
    }
    if (result.passed()) {
      return new Verdict.Pass(
          "%d of %d examples, %s"
              .formatted(result.examples().size(), result.examples().size(), result.testedAt()),
          evidence);
    }
    List<String> failed =
        result.examples().stream()
            .filter(example -> !example.passed())
            .map(example -> example.name() + ": " + String.join("; ", example.differences()))
            .limit(3)
            .toList();
    long count = result.examples().stream().filter(example -> !example.passed()).count();
    return new Verdict.Fail(
        "%d of %d examples were answered wrong (%s)"
            .formatted(count, result.examples().size(), String.join(" | ", failed)),
        "see all of it: mlo test " + candidate.versionTag());
  }

  /// The statement this result was read from or was kept as.
  private static List<Verdict.Evidence> evidence(LayoutStore store, TestResult result)
      throws IOException {
    return store.referrers(result.subject()).stream()
        .filter(referrer -> TestResult.ARTIFACT_TYPE.equals(referrer.artifactType()))
        .filter(referrer -> result.testedAt().equals(referrer.annotations().get(CREATED)))
        .map(referrer -> new Verdict.Evidence(referrer.digest(), TestResult.ARTIFACT_TYPE))
        .toList();
  }
}
