package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The environments of a project, found by name.
record Environments(Project project) {
  /// @throws Failure NOT_FOUND with the closest name and the list
  Environment named(String wanted) {
    return project
        .environment(wanted)
        .orElseThrow(() -> {
          List<String> names = project.environments().stream().map(Environment::name).toList();
          Failure failure =
              Failure.of(ExitCode.NOT_FOUND, "there is no environment `%s`".formatted(wanted))
                  .why("this project has %s".formatted(String.join(", ", names)));
          String closest =
              names.stream()
                  .min(Comparator.comparingInt(name -> distance(name, wanted)))
                  .orElse(names.getFirst());
          return distance(closest, wanted) <= Math.max(2, closest.length() / 2)
              ? failure.hint("did you mean `%s`?".formatted(closest))
              : failure.hint("add it below `environments:` in mlops.yaml");
        });
  }

  /// The environments a release goes to from here; empty after the last.
  Optional<Environment> following(Environment environment) {
    return project.environments().stream()
        .filter(other -> environment.name().equals(other.after()))
        .findFirst();
  }

  /// Levenshtein's distance.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int corner = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? corner : corner + 1;
        corner = row[j];
        row[j] = Math.min(change, Math.min(row[j] + 1, row[j - 1] + 1));
      }
    }
    return row[b.length()];
  }
}
