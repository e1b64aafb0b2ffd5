package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A registry with TLS whose certificate nobody knows by himself.
@ExtendWith(Installed.class)
class TlsRegistryTest {
  @TempDir Path project;
  @TempDir Path files;

  @Test
  void itIsReachedWhereItsCertificateIsNamedOrWaived(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    try (LocalRegistry registry = LocalRegistry.startTls(files)) {
      String name = registry.host() + "/ml/iris:1.0.0";

      Outcome unknown = mlo.run("push", "iris:1.0.0", name);
      assertThat(unknown.exit()).isEqualTo(7);
      assertThat(unknown.stderr()).contains("it speaks TLS", "certs.d");

      Outcome waived = mlo.run("push", "-q", "iris:1.0.0", name, "--insecure", registry.host());
      assertThat(waived.exit()).as(waived.stderr()).isZero();

      Path named = mlo.home().resolve(".docker/certs.d").resolve(registry.host());
      Files.createDirectories(named);
      Files.copy(files.resolve("ca.crt"), named.resolve("ca.crt"));
      Outcome read = mlo.run("inspect", name, "-q");
      assertThat(read.exit()).as(read.stderr()).isZero();
      Path other = Files.createDirectory(project.resolve("other"));
      Outcome pulled = user.in(other).run("pull", "-q", name);
      assertThat(pulled.exit()).as(pulled.stderr()).isZero();
      assertThat(pulled.word()).endsWith(read.word());
    }
  }
}
