package dev.mlo.cli.deploy;

import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Writes down what a swap tells.
final class RecordedSwap implements SwapLog {
  final List<String> events = new CopyOnWriteArrayList<>();

  @Override
  public void tokenExposed(URI runner) {
    events.add("exposed " + runner.getHost());
  }

  @Override
  public void asked(URI runner, RunnerStatus status) {
    events.add("asked");
  }

  @Override
  public void admitted(URI runner, @Nullable Serving from, String to, int layers, long bytes) {
    events.add("admitted " + layers + " " + bytes);
  }

  @Override
  public void sending(URI runner, String digest, long sent, long size) {
    if (sent == size) {
      events.add("sent " + size);
    }
  }

  @Override
  public void entered(URI runner, SwapState state) {
    events.add(state.toString());
  }

  @Override
  public void ended(SwapOutcome outcome) {
    events.add("ended " + outcome.state());
  }

  @Override
  public void retrying(URI runner, String why) {
    events.add("retrying");
  }

  @Override
  public void rolledBack(URI runner, Serving now) {
    events.add("rolled back to " + now.version());
  }
}
