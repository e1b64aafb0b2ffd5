package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerTagTest {
  @Test
  void theTagComesAfterTheLastColonUnlessThatIsThePort() {
    assertThat(DockerTag.parse("iris:2.0.0", "1")).isEqualTo(new DockerTag("iris", "2.0.0"));
    assertThat(DockerTag.parse("host:5000/ml/iris", "1"))
        .isEqualTo(new DockerTag("host:5000/ml/iris", "1"));
    assertThat(DockerTag.parse("host:5000/ml/iris:2", "1")).hasToString("host:5000/ml/iris:2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Iris", "iris:", "iris:-x", "a//b", "/a", "iris@sha256:ab", "a b", "-a"})
  void whatDockerDoesNotTakeIsRefused(String text) {
    assertThatThrownBy(() -> DockerTag.parse(text, "1.0.0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no name of an image of Docker");
  }
}
