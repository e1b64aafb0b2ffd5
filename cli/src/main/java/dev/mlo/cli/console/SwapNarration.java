package dev.mlo.cli.console;

import dev.mlo.cli.deploy.SwapLog;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A swap, as a person watches it: one line a runner, drawn over while bytes and states pass.
public final class SwapNarration implements SwapLog {
  private final Console console;

  public SwapNarration(Console console) {
    this.console = console;
  }

  @Override
  public void tokenExposed(URI runner) {
    console.warn(
        "the token goes to %s unencrypted; use https:// beyond this machine".formatted(runner));
  }

  @Override
  public void asked(URI runner, RunnerStatus status) {
    console.say("%s serves %s".formatted(runner, model(status.active())));
  }

  @Override
  public void admitted(URI runner, @Nullable Serving from, String to, int layers, long bytes) {
    console.say(
        layers == 0
            ? "%s takes %s; it has all its layers".formatted(runner, to)
            : "%s takes %s; it lacks %d %s, %s"
                .formatted(
                    runner, to, layers, layers == 1 ? "layer" : "layers", Amount.bytes(bytes)));
  }

  @Override
  public void sending(URI runner, String digest, long sent, long size) {
    console.transientLine(
        "sending %d %% of %s".formatted(size == 0 ? 100 : sent * 100 / size, Amount.bytes(size)));
  }

  @Override
  public void entered(URI runner, SwapState state) {
    if (!state.isTerminal()) {
      console.transientLine("%s: %s".formatted(runner, state.name().toLowerCase(Locale.ROOT)));
    }
  }

  @Override
  public void ended(SwapOutcome outcome) {
    console.clearTransientLine();
    console.say(
        outcome.state() == SwapState.NOOP
            ? "%s serves %s already".formatted(outcome.runner(), model(outcome.to()))
            : "%s swapped %s for %s"
                .formatted(outcome.runner(), model(outcome.from()), model(outcome.to())));
  }

  @Override
  public void retrying(URI runner, String why) {
    console.clearTransientLine();
    console.say("%s: %s; trying again".formatted(runner, why));
  }

  @Override
  public void rolledBack(URI runner, Serving now) {
    console.clearTransientLine();
    console.say("%s serves %s again".formatted(runner, model(now)));
  }

  static String model(@Nullable Serving serving) {
    return serving == null ? "nothing" : serving.model() + " " + serving.version();
  }
}
