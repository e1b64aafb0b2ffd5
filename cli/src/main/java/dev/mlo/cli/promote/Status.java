package dev.mlo.cli.promote;

import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compares, for every environment, the ledger with the pointer and with what runs.
public final class Status {
  /// @param elsewhere runners that belong to none of the environments
  public record Result(
      String model, List<EnvironmentStatus> environments, List<RunnerSighting> elsewhere) {
    public Result {
      environments = List.copyOf(environments);
      elsewhere = List.copyOf(elsewhere);
    }

    public boolean drifted() {
      return environments.stream().anyMatch(environment -> !environment.drifts().isEmpty());
    }
  }

  private final Project project;
  private final Ledger ledger;
  private final RunnerWatch watch;

  public Status(Project project, RunnerWatch watch) {
    this.project = project;
    this.ledger = Ledger.at(project.ledger());
    this.watch = watch;
  }

  /// @param only one environment; `null`: all
  /// @throws dev.mlo.cli.failure.Failure NOT_FOUND when there is no such environment
  public Result read(@Nullable String only) throws IOException {
    @Nullable String wanted = only == null ? null : new Environments(project).named(only).name();
    var readings = new ArrayList<Reading>();
    for (Environment environment : project.environments()) {
      readings.add(Reading.of(project.name(), environment, ledger));
    }
    var elsewhere = new ArrayList<RunnerSighting>();
    for (RunnerSighting runner : watch.local()) {
      List<Reading> homes = Reading.homes(runner, readings);
      homes.forEach(home -> home.runners().add(runner));
      if (homes.isEmpty()) {
        elsewhere.add(runner);
      }
    }
    var environments = new ArrayList<EnvironmentStatus>();
    for (Reading reading : readings) {
      if (wanted == null || wanted.equals(reading.environment().name())) {
        reading.runners().addAll(watch.named(reading.environment().runners()));
        environments.add(reading.status());
      }
    }
    return new Result(project.name(), environments, wanted == null ? elsewhere : List.of());
  }
}
