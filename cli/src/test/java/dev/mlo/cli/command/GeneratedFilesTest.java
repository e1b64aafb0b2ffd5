package dev.mlo.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// What is generated from the command model and committed must be what the model says now.
/// `-Dgolden.update=true` rewrites the files.
class GeneratedFilesTest {
  private static final Path ROOT =
      Files.isDirectory(Path.of("completions")) ? Path.of(".") : Path.of("..");

  @ParameterizedTest
  @EnumSource
  void completionsKnowWhatTheParserKnows(Completions.Shell shell) throws IOException {
    String name = "mlo." + shell.name().toLowerCase(Locale.ROOT);

    compare(
        ROOT.resolve("completions").resolve(name), Completions.write(shell, CommandTree.create()));
  }

  @Test
  void theReferencePageShowsTheHelpOfEveryCommand() throws IOException {
    CommandLine root = CommandTree.create();
    var page =
        new StringBuilder(
            "# Commands\n\nGenerated from the code; `mlo COMMAND --help` says the same.\n");
    section(page, root);

    compare(ROOT.resolve("docs").resolve("commands.md"), page.toString());
  }

  private static void section(StringBuilder page, CommandLine line) {
    page.append("\n## ")
        .append(line.getCommandSpec().qualifiedName())
        .append("\n\n```text\n")
        .append(line.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing())
        .append("\n```\n");
    line.getSubcommands().values().forEach(sub -> section(page, sub));
  }

  private static void compare(Path file, String generated) throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, generated);
    }
    assertThat(file).as("run the tests of cli with -Dgolden.update=true").exists();
    assertThat(Files.readString(file)).isEqualTo(generated);
  }
}
