package dev.mlo.cli;

import dev.mlo.cli.command.CommandTree;
import dev.mlo.cli.command.OutputOptions;
import dev.mlo.cli.command.Verb;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.ConflictException;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.StoreException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command `mlo`. Only here do failures become text and an exit code.
public final class Mlo {
  private static final String MAKE_ROOM =
      "df -h   (make room, then run the same command again: nothing is lost)";

  private Mlo() {}

  public static void main(String[] args) throws IOException {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      System.out.println("mlo " + Installation.version());
      return;
    }
    if (asksForFirstPage(args) && printedFirstPage()) {
      return;
    }
    WarmUp.start(args);
    Interrupt interrupt = Interrupt.install(Thread.currentThread());
    int code = execute(interrupt::isStopping, asVersion(args));
    if (interrupt.finish()) {
      System.exit(code);
    }
  }

  /// `mlo --version -o json` is what `mlo version -o json` is.
  static String[] asVersion(String... args) {
    List<String> words = new ArrayList<>(List.of(args));
    boolean asks = words.removeAll(List.of("--version", "-V"));
    Set<String> values = Set.of("text", "json");
    boolean options =
        words.stream().allMatch(word -> word.startsWith("-") || values.contains(word));
    if (!asks || !options) {
      return args;
    }
    words.addFirst("version");
    return words.toArray(String[]::new);
  }

  private static boolean asksForFirstPage(String[] args) {
    return args.length == 0
        || (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h")));
  }

  /// The first page depends on nothing but the commands there are, so the distribution brings it
  /// along as this program printed it: showing it is then as fast as starting Java.
  private static boolean printedFirstPage() throws IOException {
    String home = System.getProperty("mlo.home");
    Path page = Path.of(home == null ? "" : home, "lib", "help.txt");
    if (home == null || !Files.exists(page)) {
      return false;
    }
    Files.copy(page, System.out);
    System.out.flush();
    return true;
  }

  /// @param interrupted whether what fails now fails because the person pressed Ctrl-C
  static int execute(BooleanSupplier interrupted, String... args) {
    CommandLine root = CommandTree.create(args);
    root.setParameterExceptionHandler((e, typed) -> {
      OutputOptions.guess(typed).failure(explain(e));
      return ExitCode.USAGE.number();
    });
    root.setExecutionExceptionHandler((e, line, parsed) -> {
      boolean debug = line.getCommand() instanceof Verb verb && verb.debug();
      Console console =
          line.getCommand() instanceof Verb verb ? verb.console() : OutputOptions.guess(args);
      Failure failure = explain(e);
      if (interrupted.getAsBoolean() && failure.code() != ExitCode.INTERRUPTED) {
        failure = interrupted();
      }
      console.failure(failure);
      if (debug) {
        e.printStackTrace();
      }
      return failure.code().number();
    });
    return root.execute(args);
  }

  private static Failure explain(ParameterException e) {
    CommandLine line = e.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    Failure failure = Failure.of(ExitCode.USAGE, firstLine(e));
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> alike = unmatched.getSuggestions();
      boolean verb = !unmatched.isUnknownOption() && line.getParent() == null;
      String word = unmatched.getUnmatched().getFirst();
      failure =
          Failure.of(
              ExitCode.USAGE,
              verb
                  ? "`%s` is no command of mlo".formatted(word)
                  : "`%s` does not take `%s`".formatted(command, word));
      if (!alike.isEmpty()) {
        return failure.hint(
            verb
                ? "did you mean `mlo %s`? All commands: mlo --help".formatted(alike.getFirst())
                : "did you mean `%s`? More: %s --help".formatted(alike.getFirst(), command));
      }
    } else if (e instanceof MissingParameterException) {
      String message = firstLine(e);
      failure =
          Failure.of(
              ExitCode.USAGE,
              "`%s` needs more: %s"
                  .formatted(
                      command,
                      message.substring(0, 1).toLowerCase(java.util.Locale.ROOT)
                          + message.substring(1)));
    }
    return failure.hint(command + " --help");
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  private static Failure explain(Exception e) {
    return switch (e) {
      case Failure failure -> failure;
      case InterruptedException _ -> interrupted();
      case ClosedByInterruptException _ -> interrupted();
      case InterruptedIOException _ -> interrupted();
      case OciException oci -> explain(oci);
      case JsonFormatException json ->
          Failure.of(ExitCode.INTEGRITY, "a document is no JSON").why(firstLine(json));
      case NoSuchFileException file ->
          Failure.of(ExitCode.NOT_FOUND, "`%s` does not exist".formatted(file.getFile()));
      case FileAlreadyExistsException file ->
          Failure.of(ExitCode.UNEXPECTED, "`%s` is in the way".formatted(file.getFile()))
              .why("something else stands where a directory is needed")
              .hint("ls -ld " + file.getFile());
      case AccessDeniedException file ->
          Failure.of(ExitCode.DENIED, "`%s` may not be read or written".formatted(file.getFile()))
              .hint("ls -ld " + file.getFile());
      case IOException io when isFull(io) ->
          Failure.of(ExitCode.UNEXPECTED, "the disk is full")
              .why(firstLine(io))
              .hint(MAKE_ROOM)
              .cause(io);
      case IOException io -> Failure.of(ExitCode.UNEXPECTED, firstLine(io)).cause(io);
      default ->
          Thread.currentThread().isInterrupted()
              ? interrupted()
              : Failure.of(ExitCode.UNEXPECTED, "something unforeseen happened: " + e)
                  .hint("run it again with --debug, and report what it shows");
    };
  }

  /// In the words of the operating system, which Java passes on and has no type for.
  private static boolean isFull(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      String said = String.valueOf(at.getMessage());
      if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
        return true;
      }
    }
    return false;
  }

  private static Failure interrupted() {
    return Failure.of(ExitCode.INTERRUPTED, "interrupted")
        .why("what was under way was undone; what was finished stays")
        .hint("run the same command again to go on");
  }

  private static String hint(UnavailableException.Remedy remedy) {
    return switch (remedy) {
      case REPEAT -> "run the same command again; what arrived is not sent again";
      case ADDRESS -> "check the registry's name and port, HTTPS_PROXY and NO_PROXY: mlo doctor";
      case TRUST ->
          "if you trust it, SSL_CERT_FILE=CA.pem, or put CA.crt into ~/.docker/certs.d/HOST/";
      case PLAIN -> "if it is to be asked without TLS: --plain-http HOST, or MLO_PLAIN_HTTP=HOST";
      case TLS ->
          "leave out --plain-http and MLO_PLAIN_HTTP; on this machine: --insecure HOST, or put"
              + " CA.crt into ~/.docker/certs.d/HOST/";
      case LIMIT -> "raise the limit of the proxy before the registry, and run it again";
      case WRITABLE -> "it may be for reading only: take another registry, or ask who runs it";
      case ACCOUNT -> "wait a while; who is logged in may ask more: mlo login REGISTRY";
    };
  }

  private static String hint(OciException e) {
    return switch (e) {
      case NotFoundException _ -> "mlo list PLACE shows what is there: oci:DIR, HOST/REPOSITORY";
      case ConflictException _ -> "look again what is there now: mlo list, mlo status";
      case StoreException store -> store.remedy().orElse("mlo doctor");
      default ->
          "nothing of it was used: copy it again from where it is whole, or build it again;"
              + " mlo doctor looks through the project's own store";
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
          case DeniedException _ -> ExitCode.DENIED;
          case UnavailableException _ -> ExitCode.NETWORK;
        };
    if (Thread.currentThread().isInterrupted()) {
      return interrupted();
    }
    String[] lines = firstLine(e).split(": ", 2);
    Failure failure = Failure.of(code, lines[0]).cause(e);
    if (e instanceof DeniedException denied) {
      failure = failure.hint(denied.remedy());
    } else if (e instanceof UnavailableException unavailable) {
      failure = failure.hint(hint(unavailable.remedy()));
    } else if (isFull(e)) {
      failure = failure.hint(MAKE_ROOM);
    } else {
      failure = failure.hint(hint(e));
    }
    return Arrays.stream(lines).skip(1).reduce(failure, Failure::why, (a, _) -> a);
  }
}
