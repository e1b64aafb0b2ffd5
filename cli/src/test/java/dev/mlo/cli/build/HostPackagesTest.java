package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostPackagesTest {
  private static final Path LIBC = Path.of("/usr/lib/x86_64-linux-gnu/libc.so.6");
  private static final Path LIBSTDC = Path.of("/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30");

  @TempDir Path root;

  @Test
  void aFileBelongsToThePackageThatListsIt() throws IOException {
    Fixture.write(root.resolve("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n");
    Fixture.write(
        root.resolve("var/lib/dpkg/status"),
        """
        Package: libc6
        Status: install ok installed
        Architecture: amd64
        Version: 2.36-9
        Description: GNU C Library
         Version: not this one

        Package: libstdc++6
        Architecture: amd64
        Version: 12.2.0-14+deb12u1
        """);
    Fixture.write(
        root.resolve("var/lib/dpkg/info/libc6:amd64.list"),
        "/.\n/lib/x86_64-linux-gnu/libc.so.6\n");
    Fixture.write(root.resolve("var/lib/dpkg/info/libstdc++6:amd64.list"), LIBSTDC + "\n");
    Fixture.write(root.resolve("var/lib/dpkg/info/unknown.list"), LIBC + "\n");

    HostPackages packages = new HostPackages(root, List.of(LIBC, LIBSTDC));

    assertThat(packages.owner(LIBC)).contains(new HostPackages.Owner("libc6", "2.36-9", "amd64"));
    assertThat(packages.owner(LIBSTDC))
        .contains(new HostPackages.Owner("libstdc++6", "12.2.0-14+deb12u1", "amd64"));
    assertThat(packages.distributionVersion()).isEqualTo("debian-12");
  }

  @Test
  void elsewhereNothingIsKnown() throws IOException {
    HostPackages packages = new HostPackages(root, List.of(LIBC));
    assertThat(packages.owner(LIBC)).isEmpty();
    assertThat(packages.distribution()).isEmpty();
  }
}
