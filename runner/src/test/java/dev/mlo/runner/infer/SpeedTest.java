package dev.mlo.runner.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.contract.Serving;
import org.junit.jupiter.api.Test;

class SpeedTest {
  private final Speed speed = new Speed();

  private static Serving version(String version) {
    return new Serving("m", version, null, null, "sha256:0", 1);
  }

  private void took(String version, long nanos, int times) {
    for (int i = 0; i < times; i++) {
      speed.took(version(version), nanos);
    }
  }

  @Test
  void believesWhatItHasSeenOften() {
    took("1", 10_000, 49);
    assertThat(speed.isQuick(version("1"))).isFalse();
    took("1", 10_000, 1);
    assertThat(speed.isQuick(version("1"))).isTrue();
  }

  @Test
  void knowsNothingOfAnotherVersion() {
    took("1", 10_000, 100);
    assertThat(speed.isQuick(version("2"))).isFalse();
    took("2", 10_000, 1);
    assertThat(speed.isQuick(version("1"))).isFalse();
  }

  @Test
  void doesNotForgetASlowOneSoon() {
    took("1", 10_000, 100);
    took("1", 50_000_000, 1);
    took("1", 10_000, 500);
    assertThat(speed.isQuick(version("1"))).isFalse();
    took("1", 10_000, 100);
    assertThat(speed.isQuick(version("1"))).isTrue();
  }

  @Test
  void callsNothingQuickThatTakesLongerThanTheWayToAWorker() {
    took("1", 150_000, 1000);
    assertThat(speed.isQuick(version("1"))).isFalse();
  }
}
