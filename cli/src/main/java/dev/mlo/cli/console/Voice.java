package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// How stderr tells what goes on. Safe for several threads. Each event comes as a line for a person
/// and as an object for a program.
sealed interface Voice permits JsonLines, Lines, Screen, Silence {
  /// Something happened.
  void said(String line, ObjectNode event);

  /// Something that is over in a moment, such as the state of a runner during a swap.
  void passing(String line, ObjectNode event);

  /// Nothing else was said for a while, and this is still under way.
  void still(String line, ObjectNode event);

  /// A warning or a failure, which is told whatever else is silent; several lines.
  void insisted(String lines, ObjectNode event);

  void begun(Work work);

  /// Called for every few kilobytes.
  void moved(Work work);

  /// @param line what to say of it; empty: nothing
  void ended(Work work, String line, Work.End end);

  /// Takes away what was drawn.
  void clear();
}
