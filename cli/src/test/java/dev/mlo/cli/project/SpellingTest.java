package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
  @ParameterizedTest
  @CsvSource({
    "name,name,0",
    "nmae,name,1",
    "nam,name,1",
    "names,name,1",
    "mode,model,1",
    "x,name,4"
  })
  void aSwapCountsOnce(String a, String b, int distance) {
    assertThat(Spelling.distance(a, b)).isEqualTo(distance);
  }

  @Test
  void onlyWhatIsNearIsSuggested() {
    assertThat(Spelling.nearest("modle", List.of("name", "model"))).isEqualTo("model");
    assertThat(Spelling.nearest("Name", List.of("name", "model"))).isEqualTo("name");
    assertThat(Spelling.nearest("weights", List.of("name", "model"))).isNull();
    assertThat(Spelling.nearest("x".repeat(100_000), List.of("name"))).isNull();
  }
}
