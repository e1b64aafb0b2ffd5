package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.contract.RunnerVariables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunnerConfigTest {
  /// An empty environment that remembers what it was asked for.
  private static final class Asked extends HashMap<String, String> {
    private final transient Set<Object> names = new LinkedHashSet<>();

    @Override
    public String get(Object name) {
      names.add(name);
      return super.getOrDefault(name, "");
    }
  }

  /// What a command lets people choose and what it chooses itself is all there is.
  @Test
  void everyVariableIsKnownToWhoeverStartsARunner() throws Exception {
    List<Object> known = new ArrayList<>(RunnerVariables.SETTINGS);
    known.addAll(RunnerVariables.SURROUNDINGS);
    var asked = new Asked();

    RunnerConfig.from(asked);

    // Whether it is bound to its command is asked by the process, not by what it serves.
    asked.names.add("MLO_BOUND");
    assertThat(asked.names).containsExactlyInAnyOrderElementsOf(known);
  }
}
