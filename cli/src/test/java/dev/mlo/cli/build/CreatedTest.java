package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.failure.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CreatedTest {
  @Test
  void aYearHasFourDigits() {
    assertThat(Created.fromEnvironment(Map.of("SOURCE_DATE_EPOCH", "253402300799")))
        .isEqualTo("9999-12-31T23:59:59Z");
    assertThatThrownBy(() -> Created.fromEnvironment(Map.of("SOURCE_DATE_EPOCH", "253402300800")))
        .isInstanceOf(Failure.class);
  }
}
