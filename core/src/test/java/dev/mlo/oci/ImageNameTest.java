package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  private static final String HEX = "ab".repeat(32);

  @Test
  void eachFormNamesItsPlace() {
    Digest digest = Digest.parse("sha256:" + HEX);
    assertThat(ImageName.parse("iris")).isEqualTo(new ImageName.InProject("iris", null, null));
    assertThat(ImageName.parse("iris:1.0.0"))
        .isEqualTo(new ImageName.InProject("iris", "1.0.0", null));
    assertThat(ImageName.parse("iris@sha256:" + HEX))
        .isEqualTo(new ImageName.InProject("iris", null, digest));
    assertThat(ImageName.parse("oci:/tmp/x")).isEqualTo(layout("/tmp/x", null));
    assertThat(ImageName.parse("oci:x:iris:1.0.0")).isEqualTo(layout("x", "iris:1.0.0"));
    assertThat(ImageName.parse("oci:x@sha256:" + HEX)).isEqualTo(layout("x", digest.toString()));
    assertThat(ImageName.parse("tar:a/b.tar")).isEqualTo(new ImageName.InTar(Path.of("a/b.tar")));
    assertThat(ImageName.parse("docker:iris:1")).isEqualTo(new ImageName.InDocker("iris:1"));
    assertThat(ImageName.parse("env:prod")).isEqualTo(new ImageName.InEnvironment("prod"));
    assertThat(ImageName.parse("localhost:5000/a/iris:1"))
        .isEqualTo(new ImageName.InRegistry("localhost:5000", "a/iris", "1", null));
    assertThat(ImageName.parse("r.example.com/iris@sha256:" + HEX))
        .isEqualTo(new ImageName.InRegistry("r.example.com", "iris", null, digest));
  }

  private static ImageName layout(
      String directory, @org.jspecify.annotations.Nullable String reference) {
    return new ImageName.InLayout(Path.of(directory), reference);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iris",
        "iris:1.0.0",
        "oci:/tmp/x:iris:1.0.0",
        "tar:a/b.tar",
        "docker:iris:1",
        "env:prod",
        "localhost:5000/a/iris:1",
        "[::1]:5000/iris:1"
      })
  void aNameIsWrittenAsItWasRead(String text) {
    assertThat(ImageName.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Iris",
        "iris:",
        "iris:1 0",
        "-iris",
        "../store",
        "team/iris:1",
        "iris@sha256:abc",
        "oci:",
        "oci:x:",
        "oci:x:../y\n",
        "tar:",
        "env:",
        "env:../prod",
        "docker:",
        "r.example.com/UPPER:1",
        "r.example.com/../x",
        "iris:1.0.0\u001b[2J"
      })
  void whatIsNoNameIsRefusedWithWhatOneLooksLike(String text) {
    assertThatThrownBy(() -> ImageName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }
}
