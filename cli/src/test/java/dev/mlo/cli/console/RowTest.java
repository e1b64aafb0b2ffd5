package dev.mlo.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RowTest {
  private static final Row HALF =
      new Row("model 1f0e5c9a2b3d", 500_000_000, 1_000_000_000, 80_000_000);

  @Test
  void aWideTerminalShowsNameBarBytesRateAndTimeLeft() {
    assertThat(HALF.text(100))
        .isEqualTo(
            "model 1f0e5c9a2b3d        [##############--------------]"
                + "  500 MB of 1.00 GB   80.0 MB/s  0:07 left");
  }

  @Test
  void aNarrowTerminalShowsWhatMatters() {
    assertThat(HALF.text(80)).contains("[####----]");
    assertThat(HALF.text(76)).doesNotContain("[").contains("500 MB of 1.00 GB", "0:07 left");
    assertThat(HALF.text(50)).isEqualTo("model 1f0e5c9a2b3d        50 %  80.0 MB/s");
    assertThat(HALF.text(20)).isEqualTo("…1f0e5c9a2b3d  50 %");
    assertThat(HALF.text(8)).isEqualTo("…9a2b3d");
  }

  @Test
  void noRowIsWiderThanTheTerminalWhateverHappens() {
    Row odd = new Row("x".repeat(300), Long.MAX_VALUE, 3, 1);
    Row unknown = new Row("docker:iris", 12_345_678, 0, 1);
    IntStream.rangeClosed(1, 200)
        .forEach(width -> {
          for (Row row : new Row[] {HALF, odd, unknown}) {
            assertThat(row.text(width).length()).isLessThanOrEqualTo(Math.max(1, width - 1));
          }
        });
  }

  @Test
  void aNameCannotCommandTheTerminal() {
    assertThat(Row.plain("a\u001b[2Jb\u202ec\n")).isEqualTo("a?[2Jb?c?");
  }

  @Test
  void theRateFollowsWhatHappenedOfLate() {
    Pace pace = new Pace();
    assertThat(pace.reached(0, 0)).isZero();
    assertThat(pace.reached(10_000_000, 100_000_000)).isEqualTo(100_000_000);
    assertThat(pace.reached(10_000_000, 100_000_001)).isEqualTo(100_000_000);
    long stalled = pace.reached(10_000_000, 20_000_000_000L);
    assertThat(stalled).as("after 20 s without a byte").isLessThan(1_000_000);
  }
}
