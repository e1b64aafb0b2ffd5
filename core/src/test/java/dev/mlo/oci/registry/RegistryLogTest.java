package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whoever waits for a registry is told what for, and how often it is tried.
class RegistryLogTest {
  private final List<String> told = new ArrayList<>();
  private FakeRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    var options =
        Registries.Options.of(Map.of())
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(10), 4))
            .withLog((host, why, pause, next, of) ->
                told.add("%s|%s|%s|%d of %d".formatted(host, why, pause, next, of)));
    return new Registries(options, new FakeTime()).open(registry.host(), "ml/iris");
  }

  @Test
  void aPassingRefusalIsToldInTheRegistrysWords() throws IOException {
    registry.once(
        "GET",
        "/manifests/",
        FakeRegistry.status(
            503,
            "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"nightly cleaning\"}]}",
            "Retry-After",
            "2"));
    assertThat(store().find("1.0.0")).isEmpty();
    assertThat(told)
        .containsExactly(
            registry.host() + "|it answers 503, nightly cleaning (UNAVAILABLE)|PT2S|2 of 4");
  }

  /// The registry answers as soon as somebody was told that it is waited for.
  @Test
  void aRegistryThatSaysNothingIsToldWithHowLongItIsWaitedFor() throws Exception {
    var said = new LinkedBlockingQueue<Duration>();
    var goOn = new CountDownLatch(1);
    registry.once(
        "GET",
        "/manifests/",
        exchange -> {
          try {
            assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return false;
        });
    var options =
        Registries.Options.of(Map.of())
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), 1))
            .withLog(
                new RegistryLog() {
                  @Override
                  public void again(String host, String why, Duration pause, int next, int of) {
                    told.add(why);
                  }

                  @Override
                  public void waiting(String host, String what, Duration atMost) {
                    assertThat(host).isEqualTo(registry.host());
                    said.add(atMost);
                    goOn.countDown();
                  }
                });

    assertThat(new Registries(options, new FakeTime()).open(registry.host(), "a").find("1"))
        .isEmpty();

    assertThat(said)
        .singleElement()
        .satisfies(left -> assertThat(left).isBetween(Duration.ZERO, Duration.ofSeconds(1)));
    assertThat(told).isEmpty();
  }

  @Test
  void aRestThatARegistryAskedForIsToldOnce() throws Exception {
    var backoff = new Backoff(new FakeTime());
    var said = new ArrayList<Duration>();
    assertThat(backoff.after(1, java.util.Optional.of("60"))).hasSeconds(60);

    backoff.join(said::add);
    backoff.join(said::add);

    assertThat(said).containsExactly(Duration.ofSeconds(60));
  }

  @Test
  void aRegistryThatIsDownIsNamedEachTimeAndNeverAfterTheLast() throws IOException {
    RegistryStore store = store();
    registry.close();
    assertThatThrownBy(() -> store.find("1.0.0"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining(registry.host())
        .hasMessageEndingWith("tried 3 times");
    assertThat(told).hasSize(2);
    assertThat(told.getFirst()).startsWith(registry.host() + "|").endsWith("|2 of 3");
    assertThat(told.getLast()).endsWith("|3 of 3");
  }
}
