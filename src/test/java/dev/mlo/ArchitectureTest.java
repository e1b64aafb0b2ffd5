package dev.mlo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void placeholder() {
    assertThat(true).isTrue();
  }
}
