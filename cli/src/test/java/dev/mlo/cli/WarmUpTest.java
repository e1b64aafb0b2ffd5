package dev.mlo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void whatItReadsIsADocumentOfToday() {
    assertThat(WarmUp.run()).isTrue();
  }
}
