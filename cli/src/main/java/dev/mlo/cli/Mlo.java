package dev.mlo.cli;

import dev.mlo.cli.command.Verb;
import dev.mlo.cli.command.VersionCommand;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ConflictException;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.StoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command `mlo`. Only here do failures become text and an exit code.
@Command(
    name = "mlo",
    description = "Build a machine-learning model into one image, run that image everywhere.",
    mixinStandardHelpOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {VersionCommand.class})
public final class Mlo {
  private Mlo() {}

  public static void main(String[] args) {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      System.out.println("mlo " + Installation.version());
      return;
    }
    System.exit(execute(args));
  }

  static int execute(String... args) {
    CommandLine root = new CommandLine(new Mlo());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExecutionExceptionHandler((e, line, parsed) -> {
      boolean debug = line.getCommand() instanceof Verb verb && verb.debug();
      Console console =
          line.getCommand() instanceof Verb verb
              ? verb.console()
              : Console.system(Console.Output.TEXT);
      Failure failure = explain(e);
      console.failure(failure);
      if (debug) {
        e.printStackTrace();
      }
      return failure.code().number();
    });
    return root.execute(args);
  }

  private static Failure explain(Exception e) {
    return switch (e) {
      case Failure failure -> failure;
      case OciException oci -> explain(oci);
      default ->
          Failure.of(ExitCode.UNEXPECTED, "unexpected: " + e)
              .hint("run it again with --debug and report what it shows");
    };
  }

  private static Failure explain(OciException e) {
    ExitCode code =
        switch (e) {
          case NotFoundException _ -> ExitCode.NOT_FOUND;
          case DigestMismatchException _ -> ExitCode.INTEGRITY;
          case DocumentException _ -> ExitCode.INTEGRITY;
          case ConflictException _ -> ExitCode.CONFLICT;
          case StoreException _ -> ExitCode.UNEXPECTED;
        };
    return Failure.of(code, String.valueOf(e.getMessage())).cause(e);
  }
}
