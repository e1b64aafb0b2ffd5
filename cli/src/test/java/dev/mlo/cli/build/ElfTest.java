package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ElfTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir Path temporary;

  @Test
  void programNamesItsLoaderAndLibraries() throws IOException {
    Elf java = Elf.read(JAVA).orElseThrow();
    assertThat(java.interpreter()).isEqualTo("/lib64/ld-linux-x86-64.so.2");
    assertThat(java.needed()).contains("libc.so.6");
    assertThat(java.versionsNeeded().get("libc.so.6")).contains("GLIBC_2.2.5");
  }

  @Test
  void librariesOfferVersionsAndAreFoundWhereTheLoaderLooks() throws IOException {
    Libraries libraries =
        HostLibraries.of(JAVA, List.of(JAVA.resolve("../../lib/libjli.so").normalize()));
    assertThat(libraries.files()).containsKey("lib64/ld-linux-x86-64.so.2");
    assertThat(libraries.files().keySet()).anyMatch(path -> path.endsWith("/libc.so.6"));
    assertThat(libraries.glibc()).matches("2\\.\\d+");
  }

  @Test
  void otherFilesAreNoElf() throws IOException {
    assertThat(Elf.read(Files.writeString(temporary.resolve("t"), "x".repeat(100)))).isEmpty();
    assertThat(Elf.read(Files.createFile(temporary.resolve("empty")))).isEmpty();
  }

  @Test
  void damagedFilesEndInAMessage() throws IOException {
    byte[] whole = Files.readAllBytes(JAVA);
    Path cut = Files.write(temporary.resolve("cut"), Arrays.copyOf(whole, 200));
    assertThatThrownBy(() -> Elf.read(cut)).isInstanceOf(IOException.class);
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int n = 0; n < 20; n++) {
        damaged[4 + random.nextInt(1000)] = (byte) random.nextInt();
      }
      Path file = Files.write(temporary.resolve("damaged"), damaged);
      try {
        Elf.read(file);
      } catch (IOException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
  }
}
