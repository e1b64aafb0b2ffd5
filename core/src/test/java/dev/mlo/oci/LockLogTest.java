package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A lock that another process holds, until somebody was told that it is waited for.
class LockLogTest {
  @TempDir Path temp;

  public static void main(String[] arguments) throws Exception {
    try (StoreLock _ = StoreLock.acquire(Path.of(arguments[0]), Duration.ofSeconds(30))) {
      System.out.println("held");
      System.in.read();
    }
  }

  @Test
  void whoHoldsItIsTold() throws Exception {
    Path file = temp.resolve(".lock");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockLogTest.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      var told = new ArrayList<String>();
      LockLog log =
          (lock, by, atMost) -> {
            told.add("%s %s %d".formatted(lock.getFileName(), by, atMost.toSeconds()));
            // Its input ends, and so does it.
            holder.toHandle().destroy();
          };

      ScopedValue.where(LockLog.TOLD, log)
          .call(() -> {
            StoreLock.acquire(file, Duration.ofSeconds(60)).close();
            return true;
          });

      assertThat(told).containsExactly(".lock process " + holder.pid() + " 60");
      assertThat(Files.exists(file)).isTrue();
    } finally {
      holder.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
  }
}
