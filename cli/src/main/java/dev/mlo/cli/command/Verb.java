package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.LockNarration;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.oci.LockLog;
import dev.mlo.oci.registry.Connections;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// What every command has: output options and `--help`. A command class translates its fields into
/// a request, calls one use case and reports; it neither catches nor prints.
public abstract class Verb implements Callable<Integer> {
  @Mixin OutputOptions output = new OutputOptions();

  @Override
  public final Integer call() throws Exception {
    Console console = output.console();
    try (Connections connections = new Connections()) {
      return ScopedValue.where(LockLog.TOLD, new LockNarration(console))
          .where(Connections.OF_WORK, connections)
          .call(() -> run(console).number());
    }
  }

  /// @throws dev.mlo.cli.failure.Failure when the work cannot be done
  protected abstract ExitCode run(Console console) throws Exception;

  public boolean debug() {
    return output.debug;
  }

  public Console console() {
    return output.console();
  }
}
