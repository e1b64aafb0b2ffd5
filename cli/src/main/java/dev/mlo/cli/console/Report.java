package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The result of a command in its three forms. A report is what stdout carries; nothing else is
/// written there.
public interface Report {
  /// For people. Ends with the next command to type, where there is one.
  void text(Page page);

  /// For programs: the document of `-o json`, without `schemaVersion`, which the console adds.
  ObjectNode json();

  /// For scripts, with `-q`: the one word that matters, as a rule the digest reference.
  String brief();
}
