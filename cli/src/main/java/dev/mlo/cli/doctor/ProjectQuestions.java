package dev.mlo.cli.doctor;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.GitState;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.promote.Actor;
import dev.mlo.cli.promote.Drift;
import dev.mlo.cli.promote.EnvironmentStatus;
import dev.mlo.cli.promote.History;
import dev.mlo.cli.promote.RunnerSighting;
import dev.mlo.cli.promote.RunnerWatch;
import dev.mlo.cli.promote.Status;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the project says of itself: its ledger, its environments, its git repository.
record ProjectQuestions(Project project) {
  /// Runners are the business of `mlo status`.
  private static final RunnerWatch NO_RUNNERS =
      new RunnerWatch() {
        @Override
        public List<RunnerSighting> local() {
          return List.of();
        }

        @Override
        public List<RunnerSighting> named(List<URI> runners) {
          return List.of();
        }
      };

  List<Check> ledger() throws IOException {
    List<String> faults = new History(project).faults();
    if (faults.isEmpty()) {
      return List.of(new Check.Fine("ledger", "its chain holds"));
    }
    int more = faults.size() - 1;
    return List.of(
        new Check.Broken(
            "ledger",
            faults.getFirst() + (more == 0 ? "" : ", and %d more".formatted(more)),
            "mlo history --verify",
            ExitCode.INTEGRITY));
  }

  List<Check> environments() throws IOException {
    var checks = new ArrayList<Check>();
    for (EnvironmentStatus status : new Status(project, NO_RUNNERS).read(null).environments()) {
      String name = "environment " + status.name();
      if (status.drifts().isEmpty()) {
        checks.add(new Check.Fine(name, status.state()));
      }
      for (Drift drift : status.drifts()) {
        checks.add(
            new Check.Broken(
                name,
                drift.kind().words() + ": " + drift.detail(),
                drift.remedy(),
                ExitCode.DRIFT));
      }
    }
    return checks;
  }

  List<Check> git() {
    var checks = new ArrayList<Check>();
    var unreadable = new ArrayList<GitState.Unreadable>();
    @Nullable GitState git = GitState.of(project.directory(), unreadable::add);
    if (!unreadable.isEmpty()) {
      GitState.Unreadable found = unreadable.getFirst();
      checks.add(new Check.Doubtful("git", found.why(), found.remedy()));
    } else if (git == null) {
      checks.add(
          new Check.Doubtful(
              "git", "no repository: no image can say which commit it is of", "git init"));
    } else if (git.commit() == null) {
      checks.add(new Check.Doubtful("git", "no commit yet", "git add . && git commit"));
    } else if (git.dirty()) {
      checks.add(
          new Check.Doubtful(
              "git", "files differ from commit " + git.commit().substring(0, 12), "git commit -a"));
    } else {
      checks.add(new Check.Fine("git", "at commit " + git.commit().substring(0, 12)));
    }
    Actor actor = Actor.current(project.directory());
    checks.add(
        actor.how().equals("system")
            ? new Check.Doubtful(
                "author",
                "the ledger would name the account `%s`".formatted(actor.name()),
                "git config --global user.name 'NAME' && git config --global user.email MAIL")
            : new Check.Fine(
                "author", "the ledger names %s (from %s)".formatted(actor.name(), actor.how())));
    return checks;
  }
}
