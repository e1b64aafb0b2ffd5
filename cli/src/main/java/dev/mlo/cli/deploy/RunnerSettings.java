package dev.mlo.cli.deploy;

import static java.util.stream.Collectors.joining;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Spelling;
import dev.mlo.contract.RunnerVariables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a person chooses for one runner over what the manifest says: variables, as `docker run -e`
/// gives them to the same image.
public record RunnerSettings(Map<String, String> variables) {
  public static final RunnerSettings NONE = new RunnerSettings(Map.of());

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /// Where another option says the same.
  private static final Map<String, String> OPTIONS =
      Map.of(
          "MLO_HOST", "--host",
          "MLO_HTTP_PORT", "--port",
          "MLO_GRPC_PORT", "--grpc-port",
          "MLO_ADMIN_PORT", "--admin-port");

  public RunnerSettings {
    variables = Map.copyOf(variables);
  }

  /// The settings of a runner that stand in the command's environment, and those that were given,
  /// which count for more.
  ///
  /// @param given `NAME=VALUE`, or `NAME` with the value it has in the environment
  /// @throws Failure USAGE when one is none, or is decided by `mlo run`
  public static RunnerSettings of(Map<String, String> environment, List<String> given) {
    var variables = new LinkedHashMap<String, String>();
    for (String name : RunnerVariables.SETTINGS) {
      if (environment.containsKey(name)) {
        variables.put(name, environment.get(name));
      }
    }
    for (String one : given) {
      int equals = one.indexOf('=');
      String name = requireOurs(equals < 0 ? one : one.substring(0, equals));
      @Nullable String value = equals < 0 ? environment.get(name) : one.substring(equals + 1);
      if (value == null) {
        throw Failure.of(ExitCode.USAGE, "`-e %s` gives no value".formatted(name))
            .why("the variable is not set here either")
            .hint("mlo run -e %s=VALUE".formatted(name));
      }
      variables.put(name, value);
    }
    return new RunnerSettings(variables);
  }

  /// All there are, beside the variables of others.
  public static List<String> names() {
    return RunnerVariables.SETTINGS;
  }

  private static String requireOurs(String name) {
    if (!NAME.matcher(name).matches()) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no name of a variable".formatted(name))
          .hint("mlo run -e MLO_WORKERS=2");
    }
    if (RunnerVariables.SURROUNDINGS.contains(name)) {
      @Nullable String option = OPTIONS.get(name);
      throw Failure.of(ExitCode.USAGE, "`%s` is decided by `mlo run`".formatted(name))
          .hint(
              option == null
                  ? "what can be chosen: " + all()
                  : "mlo run %s VALUE".formatted(option));
    }
    if (name.startsWith("MLO_") && !RunnerVariables.SETTINGS.contains(name)) {
      @Nullable String meant = Spelling.nearest(name, RunnerVariables.SETTINGS);
      throw Failure.of(ExitCode.USAGE, "`%s` is no setting of a runner".formatted(name))
          .why("it knows " + all())
          .hint(meant == null ? "mlo run --help" : "did you mean `%s`?".formatted(meant));
    }
    return name;
  }

  private static String all() {
    return RunnerVariables.SETTINGS.stream().collect(joining(", "));
  }

  /// A runner that ended because a variable makes no sense to it.
  ///
  /// @param said its last words, which name the variable
  static Failure senseless(String image, List<String> said) {
    return Failure.of(ExitCode.USAGE, "`%s` cannot be served with these settings".formatted(image))
        .why(said)
        .hint("mlo run --help; the settings in the environment count too: env | grep ^MLO_");
  }
}
