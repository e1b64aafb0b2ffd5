package dev.mlo.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {
  @Test
  void noTimeAtAllIsTakenWhereItMeansSomething() {
    assertThat(new Durations.OrNone().convert("0s")).isZero();
    assertThat(new Durations.OrNone().convert("90m")).isEqualTo(Duration.ofMinutes(90));
    assertThatThrownBy(() -> new Durations().convert("0s"))
        .isInstanceOf(TypeConversionException.class);
  }
}
