package dev.mlo.onnx;

import dev.mlo.contract.Printable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The values of one graph: who makes them and who takes them. A file has the nodes before the
/// inputs and weights, so all are noted first and looked at when the graph has been read.
final class Scope {
  /// A node.
  ///
  /// @param takes its inputs, and what the graphs inside it take from outside
  private record Step(
      OnnxModel.Operator operator, String node, List<String> takes, List<String> makes) {
    /// For messages.
    String name() {
      return OnnxModel.shown(operator, node);
    }
  }

  private static final OnnxModel.Operator CONSTANT =
      new OnnxModel.Operator(OnnxSupport.MAIN, "Constant", "");

  private final Set<String> given = new HashSet<>();
  private final List<String> results = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Set<String> captured = new LinkedHashSet<>();
  private final List<String> faults = new ArrayList<>();

  /// An input or a weight.
  void given(String name) {
    given.add(name);
  }

  void result(String name) {
    results.add(name);
  }

  /// What a graph inside the node that is being read takes from this one.
  void captured(Collection<String> names) {
    captured.addAll(names);
  }

  /// A node that was read to its end.
  void node(NodeFields node) {
    // To the engine a constant is a weight, and it takes two of one name.
    if (node.operator().equals(CONSTANT)) {
      given.addAll(node.outputs());
      return;
    }
    List<String> takes = node.inputs();
    if (!captured.isEmpty()) {
      takes = Stream.concat(takes.stream(), captured.stream()).toList();
      captured.clear();
    }
    steps.add(new Step(node.operator(), node.name(), takes, node.outputs()));
  }

  /// What is wrong with the main graph. The engine brings its nodes in order itself.
  List<String> faultsInAnyOrder() {
    Map<String, Integer> made = made();
    for (Step step : steps) {
      for (String name : step.takes) {
        if (!given.contains(name) && !made.containsKey(name)) {
          nothingMakes(step, name);
        }
      }
    }
    results(made);
    circle(made);
    return List.copyOf(faults);
  }

  /// What is wrong with a graph inside a node or with a function: the engine takes their nodes in
  /// the order of the file.
  ///
  /// @param outside is given the values that the graph does not make
  List<String> faultsInOrder(Set<String> outside) {
    Map<String, Integer> made = made();
    for (int i = 0; i < steps.size(); i++) {
      for (String name : steps.get(i).takes) {
        Integer maker = made.get(name);
        if (maker == null && !given.contains(name)) {
          outside.add(name);
        } else if (maker != null && maker >= i) {
          faults.add(
              "%s takes `%s` before it is made".formatted(steps.get(i).name(), Printable.of(name)));
        }
      }
    }
    results(made);
    return List.copyOf(faults);
  }

  /// The same for a function, which sees nothing outside itself.
  List<String> faultsOfFunction() {
    var outside = new LinkedHashSet<String>();
    faultsInOrder(outside);
    for (Step step : steps) {
      step.takes.stream().filter(outside::contains).forEach(name -> nothingMakes(step, name));
    }
    return List.copyOf(faults);
  }

  /// The place of the node that makes a value.
  private Map<String, Integer> made() {
    var made = new HashMap<String, Integer>();
    for (int i = 0; i < steps.size(); i++) {
      for (String name : steps.get(i).makes) {
        if (given.contains(name) || made.put(name, i) != null) {
          faults.add("%s makes `%s` again".formatted(steps.get(i).name(), Printable.of(name)));
        }
      }
    }
    return made;
  }

  private void nothingMakes(Step step, String name) {
    faults.add("%s takes `%s`, which nothing makes".formatted(step.name(), Printable.of(name)));
  }

  private void results(Map<String, Integer> made) {
    for (String name : results) {
      if (!given.contains(name) && !made.containsKey(name)) {
        faults.add("nothing makes its output `%s`".formatted(Printable.of(name)));
      }
    }
  }

  /// Takes away every node that waits for none that is left; those that stay wait for each other.
  private void circle(Map<String, Integer> made) {
    var waits = new int[steps.size()];
    var waiting = new ArrayList<List<Integer>>(steps.size());
    steps.forEach(_ -> waiting.add(new ArrayList<>()));
    var ready = new ArrayDeque<Integer>();
    for (int i = 0; i < waits.length; i++) {
      for (String name : steps.get(i).takes) {
        Integer maker = made.get(name);
        if (maker != null) {
          waits[i]++;
          waiting.get(maker).add(i);
        }
      }
      if (waits[i] == 0) {
        ready.add(i);
      }
    }
    int done = 0;
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      done++;
      for (int waiter : waiting.get(next)) {
        if (--waits[waiter] == 0) {
          ready.add(waiter);
        }
      }
    }
    if (done < waits.length) {
      faults.add("%s needs its own result".formatted(steps.get(inCircle(made, waits)).name()));
    }
  }

  /// From a node that waits to the one it waits for, until one comes again.
  private int inCircle(Map<String, Integer> made, int[] waits) {
    int at = 0;
    while (waits[at] == 0) {
      at++;
    }
    for (var seen = new HashSet<Integer>(); seen.add(at); ) {
      at =
          steps.get(at).takes.stream()
              .map(name -> made.getOrDefault(name, -1))
              .filter(maker -> maker >= 0 && waits[maker] > 0)
              .findFirst()
              .orElse(at);
    }
    return at;
  }
}
