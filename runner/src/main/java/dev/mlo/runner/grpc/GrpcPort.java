package dev.mlo.runner.grpc;

import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.BodyMemory;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The gRPC server. Its threads only read, parse and write.
public final class GrpcPort implements AutoCloseable {
  private static final int CALLS_PER_CONNECTION = 100;

  /// Streams that a client may open and reset before it is taken for an attack: as many as nghttp2
  /// lets pass (1,000 at once, 33 a second), for a client gives up calls whose deadline has passed.
  private static final int RESETS = 1_000;

  private static final int RESET_WINDOW_SECONDS = 30;

  /// A connection without a call is told to go, so that it does not keep others out.
  private static final long IDLE_MINUTES = 5;

  /// What those who watch the health hold up a stop.
  private static final Duration WATCHERS = Duration.ofMillis(250);

  /// What one caller may take from the others.
  ///
  /// @param messageBytes of the largest request
  /// @param connections at once; others wait until one of them ends
  public record Limits(long messageBytes, int connections) {
    private static final int CONNECTIONS = 4096;

    public Limits(long messageBytes) {
      this(messageBytes, CONNECTIONS);
    }
  }

  private final HealthStatusManager health = new HealthStatusManager();
  private final CallsUnderWay calls = new CallsUnderWay();
  private final EventLoopGroup accepting = threads("mlo-grpc-accept", 1);
  private final EventLoopGroup reading = threads("mlo-grpc", 0);
  private final Server server;

  /// @param address port 0: any free one
  /// @param memory what all requests that are being read may take
  public GrpcPort(
      InetSocketAddress address,
      Limits limits,
      InferenceService inference,
      BodyMemory memory,
      AccessLog log) {
    server =
        NettyServerBuilder.forAddress(address)
            .channelFactory(() -> new Listener(limits.connections()))
            .bossEventLoopGroup(accepting)
            .workerEventLoopGroup(reading)
            .directExecutor()
            .decompressorRegistry(
                DecompressorRegistry.getDefaultInstance().with(new Deflate(), true))
            .addStreamTracerFactory(CallMemory.of(memory))
            .maxInboundMessageSize((int) Math.min(limits.messageBytes(), Integer.MAX_VALUE))
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(RESETS, RESET_WINDOW_SECONDS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES)
            .intercept(new GrpcAccess(log))
            .intercept(calls)
            .addService(Forgiving.service(inference.bindService()))
            .addService(Forgiving.service(health.getHealthService().bindService()))
            .build();
  }

  /// @param count 0: as many as Netty takes
  private static EventLoopGroup threads(String name, int count) {
    return new NioEventLoopGroup(count, new DefaultThreadFactory(name, true));
  }

  /// @throws IOException when the address is taken or is not this machine's, with that as its cause
  public void start() throws IOException {
    server.start();
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
      Duration rest = calls.awaitNone(atMost) ? WATCHERS : Duration.ZERO;
      if (!server.awaitTermination(rest.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(WATCHERS.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      // Daemons, whose end nobody needs to see.
      var _ = reading.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      var _ = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    drain(Duration.ZERO);
  }
}
