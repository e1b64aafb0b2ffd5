package dev.mlo.cli.doctor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// One thing to look at.
///
/// @param name what it is called when it cannot be answered
/// @param limit how long an answer may take
record Question(String name, Duration limit, Callable<List<Check>> answer) {
  static final Duration USUAL = Duration.ofSeconds(5);

  static Question of(String name, Callable<List<Check>> answer) {
    return new Question(name, USUAL, answer);
  }
}
