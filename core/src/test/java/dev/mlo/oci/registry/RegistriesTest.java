package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistriesTest {
  @Test
  void hostsAndCertificatesAreNamedInTheEnvironment() {
    Registries.Options options =
        Registries.Options.of(
            Map.of(
                Registries.PLAIN, "registry.lan:5000, other.lan,",
                Registries.INSECURE, "old.lan",
                Registries.AUTHORITIES, "/etc/a.pem:/etc/b.pem"));

    assertThat(options.plain()).containsExactlyInAnyOrder("registry.lan:5000", "other.lan");
    assertThat(options.insecure()).containsExactly("old.lan");
    assertThat(options.authorities()).containsExactly(Path.of("/etc/a.pem"), Path.of("/etc/b.pem"));
  }

  @Test
  void withoutThemNothingIsGivenUp() {
    Registries.Options options = Registries.Options.of(Map.of());

    assertThat(options.plain()).isEmpty();
    assertThat(options.insecure()).isEmpty();
    assertThat(options.authorities()).isEmpty();
  }
}
