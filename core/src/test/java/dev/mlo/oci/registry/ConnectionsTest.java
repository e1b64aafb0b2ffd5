package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  @Test
  void noThreadListensWhenTheWorkHasEnded() throws Exception {
    Set<Thread> others = listeners();
    try (FakeRegistry registry = new FakeRegistry()) {
      try (Connections connections = new Connections()) {
        RegistryStore store = within(connections, registry.host());
        assertThatThrownBy(() -> store.resolve("1.0.0")).isInstanceOf(NotFoundException.class);
        assertThat(since(others)).as("threads that listen while it lasts").hasSize(1);
      }
      assertThat(since(others)).as("threads that listen after it").isEmpty();
    }
  }

  @Test
  void whatIsStillUnderWayIsBrokenOff() throws Exception {
    try (FakeRegistry registry = new FakeRegistry()) {
      var connections = new Connections();
      RegistryStore store = within(connections, registry.host());
      connections.close();

      assertThatThrownBy(() -> store.resolve("1.0.0")).isInstanceOf(UnavailableException.class);
    }
  }

  private static RegistryStore within(Connections connections, String host) throws IOException {
    var registries =
        ScopedValue.where(Connections.OF_WORK, connections)
            .call(() -> new Registries(Registries.Options.of(Map.of()), new FakeTime()));
    return registries.open(host, "ml/iris");
  }

  private static Set<Thread> since(Set<Thread> others) {
    Set<Thread> now = listeners();
    now.removeAll(others);
    return now;
  }

  private static Set<Thread> listeners() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("HttpClient-\\d+-SelectorManager"))
        .collect(Collectors.toSet());
  }
}
