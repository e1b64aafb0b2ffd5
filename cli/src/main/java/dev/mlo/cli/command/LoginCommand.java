package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.LoginReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.registry.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "login",
    description = {
      "Check a password with a registry and keep it where Docker keeps it.",
      "The password is asked for without echo, or read from stdin; it is never an option."
    },
    footer = {
      "",
      "Examples:",
      "  mlo login registry.example.com -u alice",
      "  mlo login registry.example.com -u ci --password-stdin < token"
    })
public final class LoginCommand extends Verb {
  private static final int LONGEST = 64 << 10;

  @Parameters(paramLabel = "HOST", description = "The registry, with its port where it has one.")
  String host = "";

  @Option(
      names = {"-u", "--username"},
      paramLabel = "USER",
      description = "Who to log in (asked for on a terminal).")
  @Nullable String user;

  @Option(
      names = "--password-stdin",
      description = "Read the password from stdin, to its end (the default off a terminal).")
  boolean passwordStdin;

  @Option(names = "--dry-run", description = "Check the password; keep nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    if (host.isBlank() || host.contains("/")) {
      throw Failure.of(ExitCode.USAGE, "`" + host + "` is no host of a registry")
          .why("expected HOST or HOST:PORT")
          .hint("mlo login registry.example.com");
    }
    java.io.@Nullable Console terminal = terminal();
    String who = user == null && terminal != null ? terminal.readLine("User: ") : user;
    if (who == null || who.isBlank()) {
      throw Failure.of(ExitCode.USAGE, "who to log in at " + host + " is not known")
          .hint("mlo login %s -u USER --password-stdin < FILE".formatted(host));
    }
    String password = terminal == null ? fromStdin() : typed(terminal);
    if (password.isEmpty()) {
      throw Failure.of(ExitCode.USAGE, "there is no password for " + who)
          .why("stdin was empty")
          .hint("mlo login %s -u %s --password-stdin < FILE".formatted(host, who));
    }
    console.report(
        new LoginReport(
            Login.login(new Login.Request(host, who, password, dryRun), System.getenv())));
    return ExitCode.DONE;
  }

  /// Where a person can be asked; `null`: nowhere, or nobody is to be.
  @SuppressWarnings(
      "SystemConsoleNull") // One checker says that it is never null, another that it is.
  private java.io.@Nullable Console terminal() {
    java.io.@Nullable Console console = System.console();
    boolean asks = !output.noInput && !passwordStdin && console != null && console.isTerminal();
    return asks ? console : null;
  }

  private static String typed(java.io.Console terminal) {
    char @Nullable [] typed = terminal.readPassword("Password: ");
    return typed == null ? "" : new String(typed);
  }

  /// One line's end is the shell's, not the password's.
  private static String fromStdin() throws IOException {
    byte[] bytes = System.in.readNBytes(LONGEST);
    return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\r?\n$", "");
  }
}
