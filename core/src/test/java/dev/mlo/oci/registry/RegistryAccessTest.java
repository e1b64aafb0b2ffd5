package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryAccessTest {
  private FakeRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryAccess access() throws IOException {
    Registries.Options options =
        Registries.Options.of(Map.of("HOME", "/nowhere"))
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofMillis(400), 1));
    return new Registries(options).open(registry.host(), "ml/iris").access();
  }

  @Test
  void anUploadIsBegunAndTakenBack() throws IOException {
    registry.always("GET", "/v2/", FakeRegistry.status(200, "{}"));
    registry.always("DELETE", "/blobs/uploads/", FakeRegistry.status(204, ""));
    RegistryAccess access = access();
    assertThat(access.push()).isTrue();
    assertThat(access.residue()).isFalse();
    assertThat(access.account()).isEqualTo("anonymous");
    assertThat(access.base().getScheme()).isEqualTo("http");
    assertThat(access.clock()).isPresent();
    assertThat(registry.requests)
        .hasSize(3)
        .last()
        .asString()
        .startsWith("DELETE /v2/ml/iris/blobs/uploads/u")
        .endsWith("?_state=a%2Fb");
  }

  @Test
  void aRegistryThatTakesNothingBackIsToldOf() throws IOException {
    registry.always("GET", "/v2/", FakeRegistry.status(200, "{}"));
    assertThat(access().residue()).isTrue();
  }

  @Test
  void aRefusalIsInTheRegistrysWords() throws IOException {
    registry.always("GET", "/v2/", FakeRegistry.status(200, "{}"));
    registry.always(
        "POST",
        "/uploads/",
        FakeRegistry.status(
            403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"read only here\"}]}"));
    RegistryAccess access = access();
    assertThat(access.push()).isFalse();
    assertThat(access.words()).isEqualTo("read only here (DENIED), status 403");
  }

  @Test
  void whatIsNoRegistryIsNotTakenForOne() throws IOException {
    assertThatThrownBy(this::access).isInstanceOf(NotFoundException.class);
    registry.always(
        "GET",
        "/v2/",
        FakeRegistry.status(200, "<html><title>Welcome</title>", "Content-Type", "text/html"));
    assertThatThrownBy(this::access)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("a web page titled \"Welcome\"");
    assertThat(registry.count("POST")).isZero();
  }
}
