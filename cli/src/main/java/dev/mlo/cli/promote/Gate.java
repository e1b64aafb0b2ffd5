package dev.mlo.cli.promote;

import java.io.IOException;

/// A question a release must answer before it may enter an environment. Every gate is asked,
/// whatever the others say.
sealed interface Gate permits IntegrityGate, PreviousEnvironmentGate, TestsGate {
  String name();

  Verdict judge(Candidate candidate) throws IOException;

  default GateResult ask(Candidate candidate) throws IOException {
    return new GateResult(name(), judge(candidate));
  }
}
