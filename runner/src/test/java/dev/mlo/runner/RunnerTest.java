package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.contract.DataType;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import dev.mlo.json.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The runner as a process.
class RunnerTest {
  @TempDir Path root;

  private RunnerProcess start() throws Exception {
    return new RunnerProcess(root, Map.of());
  }

  private void bake(ModelImage image) throws Exception {
    image.writeTo(root.resolve("models"));
  }

  private String stderr() throws Exception {
    return Files.readString(root.resolve("stderr"));
  }

  @Test
  void servesWithAnEngineInAClassLoaderOfItsOwnAndEndsWellWhenAsked() throws Exception {
    bake(ModelImage.adding("1.0.0", 1));
    try (RunnerProcess runner = start()) {
      assertThat(runner.awaitReady()).as(stderr()).isTrue();
      try (Caller caller = runner.caller()) {
        assertThat(Json.parse(Files.readAllBytes(root.resolve("ready.json"))).path("pid").asLong())
            .isEqualTo(runner.pid());
        assertThat(caller.infer(1).json().at("/outputs/0/data/0").asInt()).isEqualTo(2);
        assertThat(caller.swap(ModelImage.adding("2.0.0", 2)).state())
            .isEqualTo(SwapState.COMMITTED);
      }

      assertThat(runner.terminate()).isZero();
      assertThat(root.resolve("ready.json")).doesNotExist();
    }
  }

  @Test
  void servesTheOldOrTheNewVersionWhereverItIsKilled() throws Exception {
    bake(ModelImage.adding("1.0.0", 1));
    int serving = 1;
    int next = 2;
    for (String moment : new String[] {"ACCEPTED", "COMMIT_INTENT", "FLIPPED", "ENDED", "upload"}) {
      try (RunnerProcess runner = start()) {
        assertThat(runner.awaitReady()).as(stderr()).isTrue();
        try (Caller caller = runner.caller()) {
          int found = serving(caller);
          assertThat(found).as(moment).isIn(serving, next - 1);
          serving = found;
          begin(caller, ModelImage.adding(next + ".0.0", next), !moment.equals("ACCEPTED"));
          if (!moment.equals("upload")) {
            awaitJournal(moment, next + ".0.0");
          }
          runner.kill();
          next++;
        }
      }
    }
    try (RunnerProcess runner = start()) {
      assertThat(runner.awaitReady()).as(stderr()).isTrue();
      try (Caller caller = runner.caller()) {
        assertThat(serving(caller)).isIn(serving, next - 1);
        assertThat(caller.swap(ModelImage.adding("9.0.0", 9)).state())
            .isEqualTo(SwapState.COMMITTED);
      }
    }
  }

  /// What the answer's version says and its number shows.
  private static int serving(Caller caller) throws Exception {
    var answer = caller.infer(10).json();
    int add = answer.at("/outputs/0/data/0").asInt() - 10;
    assertThat(answer.path("model_version").asText()).isEqualTo(add + ".0.0");
    return add;
  }

  private static void begin(Caller caller, ModelImage image, boolean upload) throws Exception {
    SwapReport report = Json.convert(caller.start(image).json(), SwapReport.class);
    assertThat(report.missing()).hasSize(1);
    if (upload) {
      assertThat(caller.upload(image.layerDigest(), image.layer()).status()).isEqualTo(201);
    }
  }

  private void awaitJournal(String event, String version) throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    while (System.nanoTime() < end) {
      String journal =
          Files.readString(root.resolve("state/journal.log"), StandardCharsets.ISO_8859_1);
      if (journal
          .lines()
          .anyMatch(
              line -> line.contains("\"" + event + "\"") && line.contains("adder:" + version))) {
        return;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("the journal never says " + event);
  }

  @Test
  void saysWhyItServesNothing() throws Exception {
    bake(ModelImage.wrong("1.0.0"));
    try (RunnerProcess runner = start()) {
      assertThat(runner.awaitReady()).isFalse();
      assertThat(runner.awaitExit()).isEqualTo(1);
      assertThat(stderr()).contains("error: the example `mlops.examples/0.request.json`");
    }
  }

  @Test
  void saysWhichVariableMakesNoSense() throws Exception {
    bake(ModelImage.adding("1.0.0", 1));
    for (var bad :
        Map.of(
                "MLO_HTTP_PORT", "eighty",
                "MLO_ADMIN_PORT", "70000",
                "MLO_WORKERS", "-1",
                "MLO_ADMIN_TOKEN_FILE", "/nonexistent",
                "MLO_ADMIN_OPEN", "yes")
            .entrySet()) {
      try (var runner = new RunnerProcess(root, Map.of(bad.getKey(), bad.getValue()))) {
        assertThat(runner.awaitExit()).isEqualTo(2);
        assertThat(stderr()).startsWith("error: ").contains(bad.getKey()).hasLineCount(1);
      }
    }
  }

  @Test
  void saysWhichAddressItCannotListenAt() throws Exception {
    bake(ModelImage.adding("1.0.0", 1));
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      for (var one :
          Map.of("MLO_HTTP_PORT", "REST", "MLO_GRPC_PORT", "gRPC", "MLO_ADMIN_PORT", "admin")
              .entrySet()) {
        try (var runner = new RunnerProcess(root, Map.of(one.getKey(), port))) {
          assertThat(runner.awaitExit()).isEqualTo(3);
          assertThat(stderr())
              .endsWith(
                  "error: cannot listen at 127.0.0.1:%s: Address already in use; %s names another port for %s, 0 any free one\n"
                      .formatted(port, one.getKey(), one.getValue()));
        }
      }
    }
  }

  @Test
  void saysThatAnAddressIsNotThisMachines() throws Exception {
    bake(ModelImage.adding("1.0.0", 1));
    for (var bad :
        Map.of("192.0.2.1", "Cannot assign requested address", "host.invalid", "no address")
            .entrySet()) {
      try (var runner = new RunnerProcess(root, Map.of("MLO_HOST", bad.getKey()))) {
        assertThat(runner.awaitExit()).isEqualTo(3);
        assertThat(stderr())
            .startsWith("error: cannot listen at " + bad.getKey() + ":")
            .contains(bad.getValue())
            .contains("MLO_HOST names an address of this machine");
      }
    }
  }

  @Test
  void comesBackWithTheVersionBeforeAModelThatTakesTheProcessDown() throws Exception {
    Path switchedOn = root.resolve("switch");
    bake(ModelImage.adding("1.0.0", 1));
    ModelImage bomb =
        ModelImage.of("adder", "2.0.0", "add=2\ncrash-when=" + switchedOn, DataType.FP32, 2);
    try (RunnerProcess runner = start()) {
      assertThat(runner.awaitReady()).as(stderr()).isTrue();
      try (Caller caller = runner.caller()) {
        assertThat(caller.swap(bomb).state()).isEqualTo(SwapState.COMMITTED);
      }
    }
    Files.writeString(switchedOn, "");
    for (int attempt = 0; attempt < 3; attempt++) {
      try (RunnerProcess runner = start()) {
        assertThat(runner.awaitReady()).isFalse();
        assertThat(runner.awaitExit()).isEqualTo(139);
      }
    }

    try (RunnerProcess runner = start()) {
      assertThat(runner.awaitReady()).as(stderr()).isTrue();
      try (Caller caller = runner.caller()) {
        assertThat(serving(caller)).isEqualTo(1);
      }
    }
  }
}
