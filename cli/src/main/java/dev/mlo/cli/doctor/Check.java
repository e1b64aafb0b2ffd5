package dev.mlo.cli.doctor;

import dev.mlo.cli.failure.ExitCode;

/// What was found out about one thing.
public sealed interface Check {
  /// What was looked at, in a word or two.
  String name();

  /// What was found, in one line. Holds no secret.
  String detail();

  /// As it should be.
  record Fine(String name, String detail) implements Check {}

  /// Works, but may surprise.
  ///
  /// @param fix a command, or what to do
  record Doubtful(String name, String detail, String fix) implements Check {}

  /// Does not work.
  ///
  /// @param fix a command, or what to do
  /// @param code how a command that needs it would end
  record Broken(String name, String detail, String fix, ExitCode code) implements Check {}
}
