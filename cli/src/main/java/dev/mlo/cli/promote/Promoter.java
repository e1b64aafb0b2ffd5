package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Moves a release from environment to environment: the same digest, never rebuilt.
public final class Promoter {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Project project;
  private final Ledger ledger;
  private final Author author;
  private final ExampleTester tester;
  private final PromotionLog log;
  private final Checkpoint checkpoint;

  public Promoter(Project project, Author author, ExampleTester tester, PromotionLog log) {
    this(project, author, tester, log, Checkpoint.NONE);
  }

  Promoter(
      Project project,
      Author author,
      ExampleTester tester,
      PromotionLog log,
      Checkpoint checkpoint) {
    this.project = project;
    this.ledger = Ledger.at(project.ledger());
    this.author = author;
    this.tester = tester;
    this.log = log;
    this.checkpoint = checkpoint;
  }

  /// @throws Failure NOT_FOUND, REFUSED, CONFLICT or INTEGRITY; the environment is as it was
  public PromotionResult promote(Promotion wanted) throws IOException {
    Environment target = new Environments(project).named(wanted.to());
    if (wanted.dryRun()) {
      return carry(wanted, target);
    }
    try (FileGuard _ = lock(project, target)) {
      checkpoint.passed(Checkpoint.Step.LOCKED);
      return carry(wanted, target);
    }
  }

  private PromotionResult carry(Promotion wanted, Environment target) throws IOException {
    Candidate.Origin origin = Origins.of(project, ledger).find(wanted, target);
    Candidate candidate = Candidate.of(origin, target);
    requireOwn(candidate);
    return new Delivery(project, ledger, author, log, checkpoint)
        .deliver(
            candidate,
            new Delivery.Order(
                EventKind.PROMOTE,
                gates(target, wanted.dryRun()),
                wanted.dryRun(),
                wanted.reason(),
                wanted.replace()));
  }

  private List<Gate> gates(Environment target, boolean dryRun) {
    var gates = new ArrayList<Gate>();
    gates.add(new IntegrityGate());
    if (target.after() != null) {
      gates.add(new PreviousEnvironmentGate(ledger, target.after()));
    }
    if (target.testsRequired()) {
      gates.add(new TestsGate(tester, log, !dryRun));
    }
    return gates;
  }

  private void requireOwn(Candidate candidate) {
    if (!candidate.model().equals(project.name())) {
      throw Failure.of(
              ExitCode.USAGE,
              "%s is an image of `%s`".formatted(candidate.versionTag(), candidate.model()))
          .why("this project is `%s`".formatted(project.name()))
          .hint("promote it from its own project: mlo promote -C DIR …");
    }
  }

  static FileGuard lock(Project project, Environment target) throws IOException {
    return FileGuard.acquire(
        project.workspace().locks().resolve(target.name() + ".lock"),
        PATIENCE,
        "a promotion to `%s`".formatted(target.name()));
  }
}
