package dev.mlo.cli.model;

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
  record Operator(String domain, String type) {
    @Override
    public String toString() {
      return Printable.of(domain + "." + type);
    }
  }

  long irVersion;
  boolean hasGraph;
  final Map<String, Long> operatorSets = new TreeMap<>();
  final List<Value> inputs = new ArrayList<>();
  final List<Value> outputs = new ArrayList<>();
  final Set<String> initializers = new HashSet<>();
  final List<External> externals = new ArrayList<>();

  /// Operators of domains the engine does not know, with the node that uses them first.
  final Map<Operator, String> foreignOperators = new LinkedHashMap<>();

  final Set<Operator> functions = new LinkedHashSet<>();

  /// By the output of a `ZipMap` node: its labels, in the order of the columns.
  final Map<String, List<String>> zipMapLabels = new TreeMap<>();
}
