package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.slot.Slot;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The gRPC server. Its threads only read, parse and write.
public final class GrpcPort implements AutoCloseable {
  private static final int CALLS_PER_CONNECTION = 100;

  /// Streams that a client may open and reset before it is taken for an attack.
  private static final int RESETS = 200;

  private static final int RESET_WINDOW_SECONDS = 30;

  private final String address;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  /// @param port 0: any free one
  /// @param maxMessage the largest request, in bytes
  public GrpcPort(
      String host,
      int port,
      long maxMessage,
      Slot slot,
      Inferences inferences,
      AccessLog log,
      String runnerVersion) {
    address = host + ":" + port;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
            .directExecutor()
            .maxInboundMessageSize((int) Math.min(maxMessage, Integer.MAX_VALUE))
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(RESETS, RESET_WINDOW_SECONDS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .intercept(new GrpcAccess(log))
            .addService(
                Forgiving.service(
                    new InferenceService(slot, inferences, runnerVersion).bindService()))
            .addService(health.getHealthService())
            .build();
  }

  /// @throws BindException when the address is taken or is not this machine's; the message names it
  public void start() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw (IOException)
          new BindException("cannot listen at %s: %s".formatted(address, cause.getMessage()))
              .initCause(e);
    }
    health.setStatus("inference.GRPCInferenceService", ServingStatus.SERVING);
  }

  /// The port that was asked for, or the one that was free.
  public int port() {
    return server.getPort();
  }

  /// Tells everybody who watches that no requests should be sent any more, and takes no new calls.
  public void stopping() {
    health.enterTerminalState();
    server.shutdown();
  }

  /// Waits for the calls under way.
  public void drain(Duration atMost) {
    server.shutdown();
    try {
      if (!server.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    drain(Duration.ZERO);
  }
}
