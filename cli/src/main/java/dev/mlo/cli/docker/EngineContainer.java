package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.WaitResponse;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// A container of this command. Its standard input is a connection that breaks when the command
/// dies, which is how what runs in it learns of that.
public final class EngineContainer implements AutoCloseable {
  /// What a stopped container may take to drain; whoever pressed Ctrl-C waits for it.
  private static final Duration DRAIN = Duration.ofSeconds(12);

  private static final Duration LAST_WORD = Duration.ofSeconds(2);

  private final DockerClient client;
  private final String id;
  private final OpenEnd input = new OpenEnd();
  private final ContainerOutput output = new ContainerOutput();

  EngineContainer(DockerClient client, String id) {
    this.client = client;
    this.id = id;
  }

  /// What people type: the first twelve digits.
  public String id() {
    return id.substring(0, Math.min(12, id.length()));
  }

  /// Starts it, connected before it says its first word.
  public void start() throws IOException, InterruptedException {
    EngineFailures.told(
        "connect to the container " + id(),
        () ->
            client
                .attachContainerCmd(id)
                .withStdIn(input)
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(true)
                .exec(output));
    output.awaitStarted();
    EngineFailures.told("start the container " + id(), () -> client.startContainerCmd(id).exec());
  }

  /// Waits until the container writes such a line to its standard output.
  ///
  /// @return `false` when it ended without
  public boolean says(Predicate<String> line) throws InterruptedException {
    return output.says(line);
  }

  /// The last lines it wrote to its standard error.
  public List<String> lastWords() {
    return output.lastWords();
  }

  /// What it wrote to its standard output at its end, after what was waited for.
  public List<String> lastLines() {
    return output.leftOver(LAST_WORD);
  }

  /// Where a port is published.
  public int published(int inside) throws IOException {
    InspectContainerResponse found = inspect();
    Ports.Binding[] bindings =
        found.getNetworkSettings().getPorts().getBindings().get(ExposedPort.tcp(inside));
    if (bindings == null || bindings.length == 0) {
      throw Failure.of(ExitCode.UNEXPECTED, "the Docker Engine did not publish port " + inside)
          .why("the container has no network")
          .hint("docker inspect " + id());
    }
    return Integer.parseInt(bindings[0].getHostPortSpec());
  }

  /// Whether the kernel ended it because it took more memory than it may.
  public boolean ranOutOfMemory() throws IOException {
    return Boolean.TRUE.equals(inspect().getState().getOOMKilled());
  }

  private InspectContainerResponse inspect() throws IOException {
    return EngineFailures.told(
        "describe the container " + id(), () -> client.inspectContainerCmd(id).exec());
  }

  /// Waits until it ends by itself.
  ///
  /// @return its exit code
  public int await() throws IOException, InterruptedException {
    var code = new AtomicInteger();
    try (var ended =
        new ResultCallback.Adapter<WaitResponse>() {
          @Override
          public void onNext(WaitResponse response) {
            code.set(response.getStatusCode());
          }
        }) {
      client.waitContainerCmd(id).exec(ended);
      ended.awaitCompletion();
      return code.get();
    } catch (RuntimeException e) {
      throw EngineFailures.explained("wait for the container " + id(), e);
    }
  }

  /// Stops it, waits while it drains, and removes it with all it wrote. An interruption waits.
  @Override
  public void close() throws IOException {
    Uninterrupted.call(() -> {
      end();
      return id;
    });
  }

  private void end() throws IOException {
    try {
      stop();
      output.leftOver(LAST_WORD);
    } finally {
      input.close();
      output.close();
      new EngineContainers(client).remove(id);
    }
  }

  private void stop() throws IOException {
    EngineFailures.told(
        "stop the container " + id(),
        () -> {
          try {
            client.stopContainerCmd(id).withTimeout((int) DRAIN.toSeconds()).exec();
          } catch (NotModifiedException | NotFoundException e) {
            return false;
          }
          return true;
        });
  }
}
