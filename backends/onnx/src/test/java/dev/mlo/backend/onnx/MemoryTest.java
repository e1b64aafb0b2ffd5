package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Memory in processes of their own, so that nothing else is measured.
class MemoryTest {
  @TempDir Path directory;

  private List<String> run(String shell, String... words) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                shell + "exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryProbe.class.getName(),
                directory.toString()));
    command.addAll(List.of(words));
    Path out = directory.resolve("out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    List<String> lines = Files.readAllLines(out);
    assertThat(ended).as(String.join("\n", lines)).isTrue();
    assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
    return lines;
  }

  /// A model of 64 MB, fifteen times. What is measured after the fifth is warm.
  @Test
  void aClosedModelsMemoryIsGivenBack() throws Exception {
    List<Long> resident =
        run("", "cycles", "15").stream()
            .filter(line -> line.matches("\\d+"))
            .map(Long::parseLong)
            .toList();
    assertThat(resident).hasSize(15);
    assertThat(resident.getLast())
        .as("resident MiB after each cycle: %s", resident)
        .isLessThan(resident.get(4) * 3 / 2);
  }

  /// `x` zeros are asked for; the process may have 600 MB.
  @Test
  void whatCannotBeAllocatedCostsOneInference() throws Exception {
    List<String> lines =
        run(
            "ulimit -d 600000; ",
            "fill",
            "10",
            "200000000",
            "1099511627776",
            "4611686018427387904",
            "-1",
            "10");
    assertThat(lines).hasSize(6);
    assertThat(lines.getFirst()).isEqualTo("10 elements");
    assertThat(lines.get(1)).contains("ConstantOfShape").endsWith("there is not so much memory");
    assertThat(lines.get(2)).contains("ConstantOfShape").endsWith("there is not so much memory");
    assertThat(lines.get(3)).contains("size overflowed");
    assertThat(lines.get(4)).contains("must be >= 0");
    assertThat(lines.get(5)).isEqualTo("10 elements");
  }

  /// Each iteration doubles what the loop carries.
  @Test
  void aLoopThatGrowsEndsWhereTheMemoryEnds() throws Exception {
    List<String> lines = run("ulimit -d 600000; ", "grow", "3");
    assertThat(lines).hasSize(3).allMatch(line -> line.endsWith("there is not so much memory"));
  }

  /// Without a limit from outside, the engine sets one.
  @Test
  void theProcessIsLimitedToTheMachine() throws Exception {
    assertThat(run("", "limit")).singleElement().asString().doesNotContain("unlimited unlimited");
  }
}
