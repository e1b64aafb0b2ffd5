package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerStatus;
import java.util.ArrayList;
import java.util.List;

/// Runners that have said what they serve.
record Fleet(List<Member> members) implements AutoCloseable {
  record Member(RunnerClient client, RunnerStatus status) {}

  /// Asks each; one that does not answer as a runner ends it before anything has changed.
  static Fleet ask(List<RunnerTarget> targets, Wire.Limits limits, SwapLog log)
      throws InterruptedException {
    if (targets.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no runner to talk to")
          .hint("start one with `mlo run IMAGE`, or name its admin port with --runner URL");
    }
    var clients = new ArrayList<RunnerClient>();
    var members = new ArrayList<Member>();
    try {
      for (RunnerTarget target : targets) {
        if (target.exposesToken()) {
          log.tokenExposed(target.admin());
        }
        RunnerClient client = new RunnerClient(target, limits);
        clients.add(client);
        RunnerStatus status = client.status();
        members.add(new Member(client, status));
        log.asked(client.url(), status);
      }
      return new Fleet(List.copyOf(members));
    } finally {
      if (members.size() < targets.size()) {
        clients.forEach(RunnerClient::close);
      }
    }
  }

  @Override
  public void close() {
    members.forEach(member -> member.client().close());
  }
}
