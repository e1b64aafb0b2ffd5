package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.deploy.SwapLog;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A swap, as a person watches it: one line a runner, drawn over while bytes and states pass.
public final class SwapNarration implements SwapLog {
  private final Console console;
  private final Map<String, Work> sending = new ConcurrentHashMap<>();

  /// What has arrived is told once, although it is reported again at its end.
  private final Set<String> sent = ConcurrentHashMap.newKeySet();

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
    console.tell(
        "%s serves %s".formatted(runner, model(status.active())),
        event("asked", runner).put("serves", model(status.active())));
  }

  @Override
  public void admitted(URI runner, @Nullable Serving from, String to, int layers, long bytes) {
    console.tell(
        layers == 0
            ? "%s takes %s; it has all its layers".formatted(runner, to)
            : "%s takes %s; it lacks %d %s, %s"
                .formatted(
                    runner, to, layers, layers == 1 ? "layer" : "layers", Amount.bytes(bytes)),
        event("admitted", runner)
            .put("from", model(from))
            .put("to", to)
            .put("layers", layers)
            .put("bytes", bytes));
  }

  @Override
  public void sending(URI runner, String digest, long bytes, long size) {
    String key = runner + " " + digest;
    if (sent.contains(key)) {
      return;
    }
    Work work =
        sending.computeIfAbsent(
            key, _ -> console.begin("send", "to " + runner.getAuthority(), digest, size));
    work.reach(bytes);
    if (bytes >= size) {
      sending.remove(key);
      sent.add(key);
      work.done("");
    }
  }

  @Override
  public void entered(URI runner, SwapState state) {
    if (!state.isTerminal()) {
      String name = state.name().toLowerCase(Locale.ROOT);
      console.passing("%s: %s".formatted(runner, name), event("state", runner).put("state", name));
    }
  }

  @Override
  public void ended(SwapOutcome outcome) {
    console.tell(
        outcome.state() == SwapState.NOOP
            ? "%s serves %s already".formatted(outcome.runner(), model(outcome.to()))
            : "%s swapped %s for %s"
                .formatted(outcome.runner(), model(outcome.from()), model(outcome.to())),
        event("ended", outcome.runner())
            .put("state", outcome.state().name().toLowerCase(Locale.ROOT))
            .put("from", model(outcome.from()))
            .put("to", model(outcome.to())));
  }

  @Override
  public void retrying(URI runner, String why) {
    sending.forEach((key, work) -> {
      if (key.startsWith(runner + " ") && sending.remove(key, work)) {
        work.broken();
      }
    });
    sent.removeIf(key -> key.startsWith(runner + " "));
    console.tell(
        "%s: %s; trying again".formatted(runner, why), event("retry", runner).put("why", why));
  }

  @Override
  public void rolledBack(URI runner, Serving now) {
    console.tell(
        "%s serves %s again".formatted(runner, model(now)),
        event("rolled-back", runner).put("serves", model(now)));
  }

  /// @param phase where in the swap this is
  private static ObjectNode event(String phase, URI runner) {
    return Console.event("swap").put("phase", phase).put("runner", runner.toString());
  }

  static String model(@Nullable Serving serving) {
    return serving == null ? "nothing" : serving.model() + " " + serving.version();
  }
}
