package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.LoginReport;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.registry.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
  @Mixin RegistryOptions registries = new RegistryOptions();

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

  /// Taken only to be refused, without showing it: people know it from other tools.
  @Option(
      names = {"-p", "--password"},
      hidden = true,
      arity = "0..1",
      fallbackValue = "")
  @Nullable String typedPassword;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--dry-run", description = "Check the password; keep nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    if (spec != null && spec.commandLine().getParseResult().hasMatchedOption("--password")) {
      throw Failure.of(ExitCode.USAGE, "a password is no option")
          .why("every process of this machine can read it there, and the shell remembers it")
          .hint("mlo login %s -u USER --password-stdin < FILE".formatted(host));
    }
    java.io.@Nullable Console terminal = terminal();
    String who = user == null && terminal != null ? terminal.readLine("User: ") : user;
    if (who == null || who.isBlank()) {
      throw Failure.of(ExitCode.USAGE, "who to log in at " + host + " is not known")
          .hint("mlo login %s -u USER --password-stdin < FILE".formatted(host));
    }
    if (terminal == null && !passwordStdin && isStdinTerminal()) {
      throw Failure.of(ExitCode.USAGE, "there is no password for " + who)
          .why(
              output.noInput
                  ? "--no-input says that nobody is to be asked"
                  : "it is asked for only where stdin and stdout are a terminal")
          .hint("mlo login %s -u %s --password-stdin < FILE".formatted(host, who));
    }
    String password = terminal == null ? fromStdin() : typed(terminal);
    console.report(
        new LoginReport(
            Login.login(
                new Login.Request(host, who, password, dryRun),
                registries.environment(),
                new PlacesNarration(console))));
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

  /// Whether a password read from stdin would be typed in the sight of everybody, unasked for. Java
  /// tells a terminal from others only where stdout is one too.
  private static boolean isStdinTerminal() {
    try {
      String stdin = Path.of("/proc/self/fd/0").toRealPath().toString();
      return stdin.startsWith("/dev/pts/") || stdin.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
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
