package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunnerSettingsTest {
  private static Failure refused(String given) {
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> RunnerSettings.of(Map.of("HOME", "/root"), List.of(given)));
    assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
    return failure;
  }

  @Test
  void theEnvironmentsSettingsGoAlongAndWhatIsGivenCountsForMore() {
    var settings =
        RunnerSettings.of(
            Map.of(
                "MLO_WORKERS", "8",
                "MLO_QUEUE", "9",
                "MLO_HTTP_PORT", "80",
                "MLO_INSECURE", "registry.example.com",
                "HOME", "/root",
                "TOKEN", "from here"),
            List.of("MLO_WORKERS=2", "GREETING=a=b", "TOKEN", "EMPTY="));

    assertThat(settings.variables())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "MLO_WORKERS", "2",
                "MLO_QUEUE", "9",
                "GREETING", "a=b",
                "TOKEN", "from here",
                "EMPTY", ""));
  }

  @Test
  void aSettingThatDoesNotExistIsNamedWithTheOneThatWasMeant() {
    Failure failure = refused("MLO_WORKRES=2");

    assertThat(failure.what()).contains("MLO_WORKRES");
    assertThat(failure.why()).singleElement().asString().contains("MLO_ACCESS_LOG");
    assertThat(failure.hint()).contains("MLO_WORKERS");
    assertThat(refused("MLO_SOMETHING_ELSE=2").hint()).doesNotContain("did you mean");
  }

  @Test
  void whatTheCommandDecidesIsRefusedWithTheOptionThatSaysIt() {
    assertThat(refused("MLO_HTTP_PORT=80").hint()).contains("--port");
    assertThat(refused("MLO_STATE_DIR=/tmp").hint()).contains("MLO_QUEUE");
  }

  @Test
  void aValueIsNeeded() {
    assertThat(refused("MLO_QUEUE").hint()).contains("MLO_QUEUE=VALUE");
    assertThat(refused("=2").what()).contains("no name of a variable");
  }
}
