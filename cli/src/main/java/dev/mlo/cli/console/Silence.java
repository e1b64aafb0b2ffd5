package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;

/// Tells warnings and failures only.
record Silence(PrintStream err) implements Voice {
  @Override
  public void said(String line, ObjectNode event) {}

  @Override
  public void passing(String line, ObjectNode event) {}

  @Override
  public void still(String line, ObjectNode event) {}

  @Override
  public void insisted(String lines, ObjectNode event) {
    err.println(lines);
  }

  @Override
  public void begun(Work work) {}

  @Override
  public void moved(Work work) {}

  @Override
  public void ended(Work work, String line, Work.End end) {}

  @Override
  public void clear() {}
}
