package dev.mlo.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CommandTreeTest {
  @Test
  void everyCommandIsFoundByTheNameItsAnnotationGives() {
    assertThat(CommandTree.create().getSubcommands())
        .isNotEmpty()
        .allSatisfy((name, command) -> {
          assertThat(command.getCommand().getClass().getAnnotation(Command.class).name())
              .isEqualTo(name);
          assertThat(CommandTree.create(name).getSubcommands()).containsOnlyKeys(name);
        });
  }

  @Test
  void withoutACommandAllAreKnownByName() {
    CommandLine tree = CommandTree.create("biuld");

    assertThat(tree.getSubcommands())
        .containsOnlyKeys(CommandTree.create().getSubcommands().keySet());
  }
}
