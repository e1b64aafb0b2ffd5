package dev.mlo.cli.failure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a command tells when it cannot do its work: what failed, why (in the words of whoever
/// knows), and a command to try. Turned into text and an exit code in `Mlo` alone.
public final class Failure extends RuntimeException {
  private final ExitCode code;
  private final List<String> why;
  private final @Nullable String hint;

  private Failure(
      ExitCode code,
      String what,
      List<String> why,
      @Nullable String hint,
      @Nullable Throwable cause) {
    super(what, cause);
    this.code = code;
    this.why = List.copyOf(why);
    this.hint = hint;
  }

  public static Failure of(ExitCode code, String what) {
    return new Failure(code, what, List.of(), null, null);
  }

  public Failure why(String line) {
    var lines = new java.util.ArrayList<>(why);
    lines.add(line);
    return new Failure(code, what(), lines, hint, getCause());
  }

  public Failure why(List<String> lines) {
    var all = new java.util.ArrayList<>(why);
    all.addAll(lines);
    return new Failure(code, what(), all, hint, getCause());
  }

  public Failure hint(String hint) {
    return new Failure(code, what(), why, hint, getCause());
  }

  public Failure cause(Throwable cause) {
    return new Failure(code, what(), why, hint, cause);
  }

  public ExitCode code() {
    return code;
  }

  public String what() {
    return String.valueOf(getMessage());
  }

  public List<String> why() {
    return why;
  }

  public @Nullable String hint() {
    return hint;
  }
}
