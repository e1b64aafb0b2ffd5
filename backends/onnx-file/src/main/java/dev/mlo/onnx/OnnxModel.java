package dev.mlo.onnx;

import dev.mlo.contract.Printable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What was read of an ONNX file, not yet judged.
final class OnnxModel {
  /// A value of the main graph, in the order of the file.
  record Value(String name, OnnxType type) {}

  /// Where a tensor's bytes lie outside the file.
  ///
  /// @param length as written; -1: to the end of the file
  /// @param expected the bytes that dimensions and datatype ask for; -1: unknown
  record External(String tensor, String location, long offset, long length, long expected) {}

  /// A node's operator, or a function that defines one.
  ///
  /// @param overload which of several functions of that name; almost always empty
  record Operator(String domain, String type, String overload) {
    @Override
    public String toString() {
      return Printable.of(domain + "." + type);
    }
  }

  /// Where an operator is used.
  ///
  /// @param node the name of the first node that uses it
  /// @param inFunctionsOnly functions have operator sets of their own
  record Use(String node, boolean inFunctionsOnly) {
    Use and(Use other) {
      return new Use(node, inFunctionsOnly && other.inFunctionsOnly);
    }
  }

  long irVersion;
  boolean hasGraph;

  /// Which operators the graph means; its functions have operator sets of their own.
  final Map<String, Long> ownOperatorSets = new TreeMap<>();

  final Map<String, Long> functionOperatorSets = new TreeMap<>();

  final List<Value> inputs = new ArrayList<>();
  final List<Value> outputs = new ArrayList<>();
  final Set<String> initializers = new HashSet<>();
  final List<External> externals = new ArrayList<>();

  /// Every operator that is used.
  final Map<Operator, Use> operators = new LinkedHashMap<>();

  /// What the graph uses, with the graphs inside its nodes, and how often.
  final Map<Operator, Integer> calls = new LinkedHashMap<>();

  /// What each of the model's functions uses, and how often.
  final Map<Operator, Map<Operator, Integer>> functions = new LinkedHashMap<>();

  /// The nodes that end the process for some values, as far as their operators tell.
  final List<Safeguard> safeguards = new ArrayList<>();

  /// By the output of a `ZipMap` node of the main graph: its labels, as they are written.
  final Map<String, List<String>> zipMapLabels = new TreeMap<>();

  /// What is wrong with its weights and with how its graphs hang together.
  final Set<String> faults = new LinkedHashSet<>();

  /// What is wrong with its functions; only those that are used count.
  final Map<Operator, List<String>> functionFaults = new LinkedHashMap<>();

  /// A node, for messages.
  static String shown(Operator operator, String node) {
    return node.isEmpty()
        ? "`" + operator + "`"
        : "`%s` (node `%s`)".formatted(operator, Printable.of(node));
  }

  /// Which operators of ONNX itself are meant; 0: the file does not say.
  long mainOperatorSet(boolean inFunction) {
    long own = ownOperatorSets.getOrDefault(OnnxSupport.MAIN, 0L);
    return inFunction ? functionOperatorSets.getOrDefault(OnnxSupport.MAIN, own) : own;
  }

  /// The operator sets of the model and of its functions, the newest of each domain.
  Map<String, Long> operatorSets() {
    var all = new TreeMap<>(ownOperatorSets);
    functionOperatorSets.forEach((domain, version) -> all.merge(domain, version, Math::max));
    return all;
  }
}
