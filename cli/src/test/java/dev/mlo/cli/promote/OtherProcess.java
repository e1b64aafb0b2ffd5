package dev.mlo.cli.promote;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A promotion in a Java of its own, which may be told to die after a step without unwinding.
final class OtherProcess {
  static final int HALTED = 77;

  private OtherProcess() {}

  /// Arguments: project, image, environment, and the step to die after or `none`.
  public static void main(String[] args) throws IOException {
    TestProject project = new TestProject(Path.of(args[0]), new AtomicInteger());
    Checkpoint checkpoint =
        step -> {
          if (step.name().equals(args[3])) {
            Runtime.getRuntime().halt(HALTED);
          }
        };
    try {
      PromotionResult result =
          project
              .promoter(TestProject.BOB, checkpoint)
              .promote(TestProject.wanted(args[1], args[2]));
      System.out.println(result.outcome());
    } catch (Failure e) {
      System.out.println(e.what() + " " + e.why());
      System.exit(e.code().number());
    }
  }

  static Process start(TestProject project, String image, String environment, String haltAfter)
      throws IOException {
    return start(project, image, environment, haltAfter, Map.of());
  }

  /// @param variables set on top of ours; an empty value takes one away
  static Process start(
      TestProject project,
      String image,
      String environment,
      String haltAfter,
      Map<String, String> variables)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(OtherProcess.class.getName());
    command.addAll(List.of(project.directory().toString(), image, environment, haltAfter));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    variables.forEach((name, value) -> {
      if (value.isEmpty()) {
        builder.environment().remove(name);
      } else {
        builder.environment().put(name, value);
      }
    });
    return builder.start();
  }
}
