package dev.mlo.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AmountTest {
  @Test
  void sizesHaveThreeSignificantDigits() {
    assertThat(Amount.bytes(0)).isEqualTo("0 B");
    assertThat(Amount.bytes(999)).isEqualTo("999 B");
    assertThat(Amount.bytes(1000)).isEqualTo("1.00 kB");
    assertThat(Amount.bytes(98_123_456)).isEqualTo("98.1 MB");
    assertThat(Amount.bytes(999_999)).isEqualTo("1.00 MB");
    assertThat(Amount.bytes(1L << 30)).isEqualTo("1.07 GB");
    assertThat(Amount.bytes(Long.MAX_VALUE)).isEqualTo("9223 PB");
  }

  @Test
  void timesGrowCoarser() {
    assertThat(Amount.time(Duration.ofMillis(12))).isEqualTo("12 ms");
    assertThat(Amount.time(Duration.ofMillis(3420))).isEqualTo("3.4 s");
    assertThat(Amount.time(Duration.ofSeconds(125))).isEqualTo("2 min 5 s");
  }
}
