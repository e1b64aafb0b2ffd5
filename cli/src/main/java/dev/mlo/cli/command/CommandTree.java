package dev.mlo.cli.command;

import dev.mlo.cli.failure.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// All commands, with what they have in common: help on each, a variable for each option, groups on
/// the first page.
public final class CommandTree {
  private static final String OPTIONS_FROM_ENVIRONMENT =
      "Every option is also read from a variable: MLO_TO for --to, or MLO_PROMOTE_TO for promote"
          + " only.";

  private static final Map<String, Class<?>> COMMANDS =
      byName(
          BuildCommand.class,
          CompletionCommand.class,
          CopyCommand.class,
          DemoCommand.class,
          DiffCommand.class,
          DoctorCommand.class,
          GcCommand.class,
          HistoryCommand.class,
          InitCommand.class,
          InspectCommand.class,
          ListCommand.class,
          LoginCommand.class,
          LogoutCommand.class,
          PromoteCommand.class,
          PullCommand.class,
          PushCommand.class,
          RollbackCommand.class,
          RunCommand.class,
          RunnerCommand.class,
          SchemaCommand.class,
          StatusCommand.class,
          SwapCommand.class,
          TestCommand.class,
          ValidateCommand.class,
          VersionCommand.class);

  /// The page a person sees first.
  @Command(
      name = "mlo",
      description = "Build a machine-learning model into one image; run that image everywhere.")
  static final class Root implements Runnable {
    @CommandLine.Spec @Nullable CommandSpec spec;

    /// Without a command the page is shown: there is nothing else that could be meant.
    @Override
    public void run() {
      if (spec != null) {
        spec.commandLine().usage(spec.commandLine().getOut());
      }
    }
  }

  /// The groups of the first page, each command in the order of a model's life.
  private static Map<String, List<String>> groups() {
    var groups = new LinkedHashMap<String, List<String>>();
    groups.put("Life cycle", List.of("init", "build", "test", "run", "promote", "swap", "status"));
    groups.put("Look", List.of("list", "inspect", "diff", "history"));
    groups.put("Move", List.of("copy", "push", "pull"));
    groups.put("Operate", List.of("rollback", "runner", "gc"));
    groups.put(
        "Set up",
        List.of(
            "login", "logout", "doctor", "validate", "schema", "completion", "demo", "version"));
    return groups;
  }

  private CommandTree() {}

  /// By the names of the classes, for reading annotations takes longer.
  private static Map<String, Class<?>> byName(Class<?>... types) {
    var commands = new LinkedHashMap<String, Class<?>>();
    for (Class<?> type : types) {
      String name = type.getSimpleName().replaceFirst("Command$", "").toLowerCase(Locale.ROOT);
      commands.put(name, type);
    }
    return commands;
  }

  /// The whole tree, for what is generated from it.
  public static CommandLine create() {
    CommandLine root = new CommandLine(new Root());
    COMMANDS.forEach(root::addSubcommand);
    return complete(root);
  }

  /// The tree as far as this command line needs it, the command alone or all by name: reading the
  /// annotations of every command takes several times as long as all else that `mlo --help` does.
  public static CommandLine create(String... line) {
    CommandLine root = new CommandLine(new Root());
    @Nullable Class<?> asked = line.length == 0 ? null : COMMANDS.get(line[0]);
    if (asked != null) {
      root.addSubcommand(line[0], asked);
    } else {
      COMMANDS.forEach((name, type) -> root.addSubcommand(name, named(name, type)));
    }
    return complete(root);
  }

  private static CommandLine complete(CommandLine root) {
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setUsageHelpAutoWidth(false);
    root.setDefaultValueProvider(new Environment(System.getenv()));
    addHelp(root);
    root.getCommandSpec()
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version.")
                .build());
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, CommandTree::list);
    root.setHelpSectionKeys(
        List.of(
            UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING,
            UsageMessageSpec.SECTION_KEY_SYNOPSIS,
            UsageMessageSpec.SECTION_KEY_DESCRIPTION,
            UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
            UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING,
            UsageMessageSpec.SECTION_KEY_OPTION_LIST,
            UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING,
            UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST,
            UsageMessageSpec.SECTION_KEY_FOOTER));
    root.getCommandSpec()
        .usageMessage()
        .customSynopsis("mlo COMMAND [ARGUMENT]… [OPTION]…")
        .optionListHeading("%nOptions:%n")
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(exitCodes())
        .footer(
            "",
            OPTIONS_FROM_ENVIRONMENT,
            "",
            "Example:",
            "  mlo init && mlo build && mlo run",
            "",
            "Help on a command: mlo COMMAND --help. The whole story in a minute: mlo demo");
    return root;
  }

  /// What the first page and a did-you-mean say of a command.
  private static CommandSpec named(String name, Class<?> type) {
    Command command = type.getAnnotation(Command.class);
    if (command == null) {
      throw new IllegalStateException(type + " has no @Command");
    }
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(command.description());
    return spec;
  }

  private static Map<String, String> exitCodes() {
    var codes = new LinkedHashMap<String, String>();
    for (ExitCode code : ExitCode.values()) {
      codes.put(String.format(Locale.ROOT, "%3d", code.number()), code.meaning());
    }
    return codes;
  }

  private static void addHelp(CommandLine line) {
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build());
    line.getCommandSpec().usageMessage().sortOptions(true).abbreviateSynopsis(true);
    line.getSubcommands().values().forEach(CommandTree::addHelp);
  }

  private static String list(Help help) {
    Map<String, Help> commands = help.subcommands();
    var text = new StringBuilder();
    var left = new ArrayList<>(commands.keySet());
    groups()
        .forEach((title, names) -> {
          List<String> here = names.stream().filter(left::contains).toList();
          left.removeAll(here);
          group(text, title, here, commands);
        });
    group(text, "More", left, commands);
    return text.toString();
  }

  private static void group(
      StringBuilder text, String title, List<String> names, Map<String, Help> commands) {
    if (names.isEmpty()) {
      return;
    }
    text.append(System.lineSeparator()).append(title).append(':').append(System.lineSeparator());
    for (String name : names) {
      Help help = commands.get(name);
      String[] description =
          help == null ? new String[0] : help.commandSpec().usageMessage().description();
      text.append(
          String.format(
              Locale.ROOT, "  %-12s%s%n", name, description.length == 0 ? "" : description[0]));
    }
  }

  /// `MLO_COMMAND_OPTION`, then `MLO_OPTION`, then the default in the code.
  record Environment(Map<String, String> variables) implements IDefaultValueProvider {
    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
      if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
        return null;
      }
      String name = variable(option.longestName().replaceFirst("^--?", ""));
      String command = variable(option.command().name());
      String value = variables.get("MLO_" + command + "_" + name);
      return value != null ? value : variables.get("MLO_" + name);
    }

    private static String variable(String word) {
      return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
  }
}
