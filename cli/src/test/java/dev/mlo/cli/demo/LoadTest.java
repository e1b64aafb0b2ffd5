package dev.mlo.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.mlo.contract.TensorJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoadTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger count = new AtomicInteger();
  private HttpServer server;

  private interface Reply {
    /// @return the body; `null`: hang up
    @Nullable String to(int number);
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static String answer(String version, String label) {
    return """
    {"model_name":"m","model_version":"%s",
     "outputs":[{"name":"label","datatype":"BYTES","shape":[1],"data":["%s"]}]}
    """
        .formatted(version, label);
  }

  private Load.Counts ask(Reply reply) throws Exception {
    server.createContext(
        "/v2/models/m/infer",
        x -> {
          try (x) {
            x.getRequestBody().readAllBytes();
            String body = reply.to(count.incrementAndGet());
            if (body != null) {
              byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
              x.sendResponseHeaders(200, bytes.length);
              x.getResponseBody().write(bytes);
            }
          }
        });
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    var expected =
        Map.of(
            "1.0.0",
            TensorJson.outputs(answer("1.0.0", "setosa").getBytes(StandardCharsets.UTF_8)),
            "2.0.0",
            TensorJson.outputs(answer("2.0.0", "virginica").getBytes(StandardCharsets.UTF_8)));
    Question question = new Question("{}", expected, 1e-4);
    try (Load load = new Load(url, "/v2/models/m/infer", List.of(question), 3)) {
      load.start();
      assertThat(load.awaitMore(50, LIMIT)).isTrue();
      load.enter(Load.Phase.SWAPPING);
      assertThat(load.awaitMore(50, LIMIT)).isTrue();
      return load.stop();
    }
  }

  @Test
  void rightAnswersOfEitherVersionAreCounted() throws Exception {
    Load.Counts counts =
        ask(n -> n % 2 == 0 ? answer("1.0.0", "setosa") : answer("2.0.0", "virginica"));

    assertThat(counts.requests()).isGreaterThanOrEqualTo(100).isEqualTo(count.get());
    assertThat(counts.failed()).isZero();
    assertThat(counts.wrong()).isZero();
    assertThat(counts.trouble()).isEmpty();
    assertThat(counts.in(Load.Phase.SWAPPING).count()).isGreaterThanOrEqualTo(45);
    assertThat(counts.in(Load.Phase.WARM_UP).percentile(0.5)).isPositive();
  }

  @Test
  void theAnswerOfAnotherVersionIsWrong() throws Exception {
    Load.Counts counts =
        ask(n -> n == 20 ? answer("1.0.0", "virginica") : answer("1.0.0", "setosa"));

    assertThat(counts.wrong()).isEqualTo(1);
    assertThat(counts.trouble().orElseThrow()).contains("version 1.0.0").contains("label");
  }

  @Test
  void anUnknownVersionAndNonsenseAreWrong() throws Exception {
    Load.Counts counts =
        ask(n ->
            switch (n) {
              case 10 -> answer("9.9.9", "setosa");
              case 20 -> "<html>";
              default -> answer("1.0.0", "setosa");
            });

    assertThat(counts.wrong()).isEqualTo(2);
  }

  @Test
  void aRequestWithoutAnAnswerIsLostAndNotRepeated() throws Exception {
    Load.Counts counts = ask(n -> n == 30 ? null : answer("1.0.0", "setosa"));

    assertThat(counts.failed()).isEqualTo(1);
    assertThat(counts.requests()).isEqualTo(count.get());
  }

  @Test
  void percentilesAreByNearestRank() {
    Latencies latencies = new Latencies();
    for (int i = 1; i <= 2000; i++) {
      latencies.add(i * 1_000_000L);
    }
    assertThat(latencies.percentile(0.5)).isEqualTo(1000);
    assertThat(latencies.percentile(0.99)).isEqualTo(1980);
    assertThat(latencies.percentile(1)).isEqualTo(2000);
    assertThat(new Latencies().percentile(0.5)).isZero();
  }
}
