package dev.mlo.onnx;

import dev.mlo.contract.Printable;
import dev.mlo.contract.Shape;
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
import org.jspecify.annotations.Nullable;

/// The values of one graph: who makes them and who takes them. A file has the nodes before the
/// inputs and weights, so all are noted first and looked at when the graph has been read.
final class Scope {
  /// A node.
  ///
  /// @param takes its inputs, and what the graphs inside it take from outside
  private record Step(NodeFields node, List<String> takes, List<String> makes) {
    /// For messages.
    String name() {
      return OnnxModel.shown(node.operator(), node.name());
    }
  }

  private static final OnnxModel.Operator CONSTANT =
      new OnnxModel.Operator(OnnxSupport.MAIN, "Constant", "");

  private final @Nullable Scope outer;
  private final Set<String> given = new HashSet<>();
  private final Map<String, Elements> known = new HashMap<>();
  private final List<String> results = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Set<String> captured = new LinkedHashSet<>();
  private final List<String> faults = new ArrayList<>();

  /// Whether `known` has what follows from the nodes.
  private boolean isFollowed;

  Scope() {
    this(null);
  }

  /// @param outer the graph around it, whose values it sees; `null`: none
  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /// An input.
  void given(OnnxModel.Value input) {
    given(input.name(), elements(input));
  }

  /// An input or a weight.
  void given(String name, Elements elements) {
    given.add(name);
    known.put(name, elements);
  }

  void result(OnnxModel.Value output) {
    result(output.name());
    known(output);
  }

  void result(String name) {
    results.add(name);
  }

  /// A value of which the file says the type.
  void known(OnnxModel.Value value) {
    known.putIfAbsent(value.name(), elements(value));
  }

  private static Elements elements(OnnxModel.Value value) {
    return value.type() instanceof OnnxType.Tensor(int element, Shape _)
        ? Elements.of(element)
        : Elements.NOTHING;
  }

  /// What is known of a value, once the file has been read.
  Elements elements(String name) {
    if (!isFollowed) {
      isFollowed = true;
      for (Step step : steps) {
        follow(step.node);
      }
    }
    Elements own = known.get(name);
    if (own == null && outer != null) {
      return outer.elements(name);
    }
    return own == null ? Elements.NOTHING : own;
  }

  private void follow(NodeFields node) {
    List<String> outputs = node.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      known.putIfAbsent(outputs.get(i), ElementTypes.made(node, i, this::elements));
    }
  }

  /// What a graph inside the node that is being read takes from this one.
  void captured(Collection<String> names) {
    captured.addAll(names);
  }

  /// A node that was read to its end.
  void node(NodeFields node) {
    // To the engine a constant is a weight, and it takes two of one name.
    if (node.operator().equals(CONSTANT)) {
      node.outputs().forEach(output -> given(output, node.stated()));
      return;
    }
    List<String> takes = node.inputs();
    if (!captured.isEmpty()) {
      takes = Stream.concat(takes.stream(), captured.stream()).toList();
      captured.clear();
    }
    steps.add(new Step(node, takes, node.outputs()));
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
