package dev.mlo.runner.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BackgroundTest {
  /// Of the calling thread: the 19th field of its `stat`, the 17th after its name.
  private static int nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theWorkGivesWayAndNobodyElse() throws Exception {
    int before = nice();
    var during = new AtomicInteger();
    Background.run("test", () -> during.set(nice()));
    assertThat(during).hasValue(Math.max(before, 10));
    assertThat(nice()).isEqualTo(before);
  }

  @Test
  void anInterruptEndsTheWorkFirst() {
    var ended = new AtomicBoolean();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() ->
            Background.run(
                "test",
                () -> {
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    ended.set(true);
                  }
                }))
        .isInstanceOf(InterruptedException.class);
    assertThat(ended).isTrue();
  }
}
