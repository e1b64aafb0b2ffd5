package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActorTest {
  @TempDir Path directory;

  @Test
  void gitVariablesComeFirst() throws IOException {
    configure("[user]\n\tname = Configured\n");

    assertThat(
            Actor.find(
                directory,
                Map.of(
                    "HOME", directory.toString(),
                    "GIT_COMMITTER_NAME", "Alice",
                    "GIT_COMMITTER_EMAIL", "alice@example.com"),
                "root"))
        .isEqualTo(new Actor("Alice", "alice@example.com", "environment"));
  }

  @Test
  void thenTheGitConfiguration() throws IOException {
    configure("[user]\n\tname = Alice\n\temail = alice@example.com\n");

    assertThat(Actor.find(directory, Map.of("HOME", directory.toString(), "USER", "al"), "root"))
        .isEqualTo(new Actor("Alice", "alice@example.com", "git"));
  }

  @Test
  void thenTheAccount() throws IOException {
    configure("[user\nbroken");

    assertThat(Actor.find(directory, Map.of("HOME", directory.toString(), "USER", "al"), "root"))
        .isEqualTo(new Actor("al", "", "system"));
    assertThat(Actor.find(directory, Map.of(), "root")).isEqualTo(new Actor("root", "", "system"));
  }

  @Test
  void aNameIsOneLine() {
    assertThat(new Actor("Al\nice <x>", "", "git").name()).isEqualTo("Al ice  x");
  }

  private void configure(String text) throws IOException {
    Files.writeString(directory.resolve(".gitconfig"), text);
  }
}
