package dev.mlo.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAddressTest {
  @TempDir Path home;

  @ParameterizedTest
  @ValueSource(strings = {"ssh://me@host", "docker.example.com", "npipe:////./pipe/docker", "://"})
  void whatIsNotSpokenIsSaid(String host) {
    refused(Map.of("DOCKER_HOST", host), host);
  }

  @Test
  void aContextThatIsNotThereIsNotTheUsualEngine() {
    refused(Map.of("DOCKER_CONTEXT", "prod", "HOME", home.toString()), "prod");
  }

  private static void refused(Map<String, String> environment, String named) {
    assertThatThrownBy(() -> EngineAddress.find(environment))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
              assertThat(failure.what() + failure.why()).contains(named);
            });
  }
}
