package dev.mlo.cli.deploy;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/// A runner that was started here and serves. Closing it drains and ends it.
public sealed interface ServingRunner extends AutoCloseable permits LocalRunner, ContainerRunner {
  URI http();

  /// Host and port of the gRPC service.
  Optional<String> grpc();

  URI admin();

  /// Waits until it ends by itself.
  ///
  /// @return its exit code
  int await() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
