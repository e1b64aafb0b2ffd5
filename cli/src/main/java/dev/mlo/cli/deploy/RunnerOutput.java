package dev.mlo.cli.deploy;

import dev.mlo.contract.RunnerWords;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// What a runner of this machine writes to its standard output: that it is ready, and at its end
/// what it did. Nothing interrupts reading from a pipe, so a thread of its own reads.
final class RunnerOutput {
  /// The pipe ends with the process, unless a program of somebody else's holds it open.
  private static final Duration LAST_WORD = Duration.ofSeconds(2);

  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
  private final CompletableFuture<OptionalLong> answered = new CompletableFuture<>();

  private RunnerOutput() {}

  static RunnerOutput of(Process process) {
    var output = new RunnerOutput();
    Thread.ofPlatform().daemon().name("mlo-runner-output").start(() -> output.read(process));
    return output;
  }

  private void read(Process process) {
    try (Stream<String> lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
      lines.forEach(this::said);
    } catch (UncheckedIOException e) {
      // Whatever it was about to say is not heard any more.
    } finally {
      ready.complete(false);
      answered.complete(OptionalLong.empty());
    }
  }

  private void said(String line) {
    if (RunnerWords.isReady(line)) {
      ready.complete(true);
    }
    OptionalLong count = RunnerWords.answered(line);
    if (count.isPresent()) {
      answered.complete(count);
    }
  }

  /// @return `false` when it ended without
  boolean awaitReady() throws InterruptedException {
    try {
      return ready.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// How many requests a runner that has ended says it answered.
  OptionalLong answered() {
    try {
      return answered.get(LAST_WORD.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return OptionalLong.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }
}
