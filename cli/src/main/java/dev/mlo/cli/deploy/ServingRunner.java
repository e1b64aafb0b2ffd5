package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A runner that was started here and serves. Closing it drains and ends it.
public sealed interface ServingRunner extends AutoCloseable permits LocalRunner, ContainerRunner {
  /// How a runner ends that was asked to: by itself, or by the signal (SIGINT, SIGTERM) when it
  /// came too early for it. A Ctrl-C at a terminal reaches the runner as soon as the command.
  Set<Integer> ASKED_TO_STOP = Set.of(0, 130, 143);

  URI http();

  /// Host and port of the gRPC service.
  Optional<String> grpc();

  URI admin();

  /// Waits until it ends by itself.
  ///
  /// @return its exit code
  int await() throws IOException, InterruptedException;

  /// That it ended although nobody asked it to, and where it may have said why.
  Failure ended(int code);

  static Failure endedByItself(int code) {
    return Failure.of(ExitCode.UNEXPECTED, "the runner ended by itself, with " + code);
  }

  /// Inference requests it answered, when it has ended and said so.
  OptionalLong answered();

  @Override
  void close() throws IOException;
}
