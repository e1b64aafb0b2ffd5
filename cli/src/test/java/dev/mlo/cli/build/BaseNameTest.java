package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ImageName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BaseNameTest {
  private static final String DIGEST = "sha256:" + "0a".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "debian, docker.io, debian, latest, debian:latest",
    "debian:12-slim, docker.io, debian, 12-slim, debian:12-slim",
    "library/debian:12, docker.io, library/debian, 12, debian:12",
    "docker.io/library/debian:12, docker.io, library/debian, 12, debian:12",
    "index.docker.io/team/base:1, index.docker.io, team/base, 1, team/base:1",
    "team/base:1, docker.io, team/base, 1, team/base:1",
    "localhost/base, localhost, base, latest, localhost/base:latest",
    "localhost:5000/team/base:1, localhost:5000, team/base, 1, localhost:5000/team/base:1",
    "gcr.io/distroless/cc:nonroot, gcr.io, distroless/cc, nonroot, gcr.io/distroless/cc:nonroot",
  })
  void imagesAreCalledAsDockerCallsThem(
      String text, String host, String repository, String tag, String recorded) {
    ImageName.InRegistry name = (ImageName.InRegistry) BaseName.parse(text);
    assertThat(name).isEqualTo(new ImageName.InRegistry(host, repository, tag, null));
    assertThat(BaseName.of(name).recorded()).isEqualTo(recorded);
  }

  @Test
  void theDigestIsRecordedWhereThereIsNoTag() {
    ImageName.InRegistry both = (ImageName.InRegistry) BaseName.parse("debian:12@" + DIGEST);
    assertThat(both.digest()).hasToString(DIGEST);
    assertThat(BaseName.of(both).recorded()).isEqualTo("debian:12");
    ImageName.InRegistry bare = (ImageName.InRegistry) BaseName.parse("debian@" + DIGEST);
    assertThat(BaseName.of(bare).recorded()).isEqualTo("debian@" + DIGEST);
  }

  @Test
  void noPlaceOfThisMachineIsRecorded() {
    ImageName.InLayout one = (ImageName.InLayout) BaseName.parse("oci:/srv/bases");
    assertThat(BaseName.of(one, "debian").recorded()).isEqualTo("oci:debian");
    ImageName.InLayout pinned = (ImageName.InLayout) BaseName.parse("oci:/srv/bases@" + DIGEST);
    assertThat(BaseName.of(pinned, "debian").recorded()).isEqualTo("oci");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "scratch", "No Name", "UPPER/case", "a//b", "a:b:c", "x@sha256:1"})
  void whatIsNoBaseIsRefused(String text) {
    assertThatThrownBy(() -> BaseName.parse(text)).isInstanceOf(Failure.class);
  }
}
