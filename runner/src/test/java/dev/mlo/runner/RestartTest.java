package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.contract.DataType;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.SwapState;
import dev.mlo.json.Json;
import dev.mlo.runner.slot.BootException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {
  @TempDir Path root;

  private interface Work {
    void with(Fixture runner) throws Exception;
  }

  private void run(Work work) throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      work.with(runner);
    }
  }

  private static RunnerStatus status(Fixture runner) throws Exception {
    return Json.convert(
        runner.caller.send(runner.caller.admin("/mlo/v1/status")).json(), RunnerStatus.class);
  }

  private static void assertServes(Fixture runner, int add) throws Exception {
    var answer = runner.caller.infer(10).json();
    assertThat(answer.path("model_version").asText()).isEqualTo(add + ".0.0");
    assertThat(answer.at("/outputs/0/data/0").asInt()).isEqualTo(10 + add);
  }

  private static String swapTo(Fixture runner, int add) throws Exception {
    var report = runner.caller.swap(ModelImage.adding(add + ".0.0", add));
    assertThat(report.state()).isEqualTo(SwapState.COMMITTED);
    return report.id();
  }

  private Path state(String name) {
    return root.resolve("state").resolve(name);
  }

  @Test
  void servesWhatItServedBeforeAndCanStillRollBack() throws Exception {
    run(runner -> swapTo(runner, 2));

    run(runner -> {
      assertServes(runner, 2);
      assertThat(status(runner).source()).isEqualTo("state");
      assertThat(status(runner).generation()).isEqualTo(2);
      awaitPrevious(runner);
      assertThat(runner.caller.post("/mlo/v1/rollback", new byte[0]).status()).isEqualTo(200);
      assertServes(runner, 1);
    });
    run(runner -> assertServes(runner, 1));
  }

  /// It is loaded in the background.
  private static void awaitPrevious(Fixture runner) throws Exception {
    for (int i = 0; i < 1000 && status(runner).previous() == null; i++) {
      Thread.onSpinWait();
    }
    assertThat(status(runner).previous()).isNotNull();
  }

  @Test
  void takesThePointerBeforeWhenThePointerIsTorn() throws Exception {
    run(runner -> {
      swapTo(runner, 2);
      swapTo(runner, 3);
    });
    byte[] whole = Files.readAllBytes(state("active.json"));
    Files.write(state("active.json"), Arrays.copyOf(whole, whole.length / 2));

    run(runner -> assertServes(runner, 2));
  }

  @Test
  void takesTheImagesModelWhenNoPointerIsWhole() throws Exception {
    run(runner -> swapTo(runner, 2));
    String pointer = Files.readString(state("active.json"));
    Files.writeString(
        state("active.json"), pointer.replace("\"generation\": 2", "\"generation\": 9"));
    assertThat(Files.readString(state("active.json"))).isNotEqualTo(pointer);

    run(runner -> {
      assertServes(runner, 1);
      assertThat(status(runner).source()).isEqualTo("image");
    });
  }

  @Test
  void servesTheOldVersionWhenItDiedBeforeThePointerMoved() throws Exception {
    String id = requireNonNull(swapThenCutJournal("COMMIT_INTENT"));
    Files.delete(state("active.json"));

    run(runner -> {
      assertServes(runner, 1);
      assertThat(runner.caller.report(id, "").state()).isEqualTo(SwapState.INTERRUPTED);
      swapTo(runner, 2);
    });
  }

  @Test
  void servesTheNewVersionWhenItDiedAfterThePointerMoved() throws Exception {
    String id = requireNonNull(swapThenCutJournal("COMMIT_INTENT"));

    run(runner -> {
      assertServes(runner, 2);
      assertThat(runner.caller.report(id, "").state()).isEqualTo(SwapState.COMMITTED);
    });
  }

  /// Swaps to 2.0.0 and forgets what the journal says after an event.
  private String swapThenCutJournal(String event) throws Exception {
    String[] id = new String[1];
    run(runner -> id[0] = swapTo(runner, 2));
    List<String> lines = Files.readAllLines(state("journal.log"));
    int last = 0;
    while (!lines.get(last).contains(event)) {
      last++;
    }
    Files.write(state("journal.log"), lines.subList(0, last + 1));
    return id[0];
  }

  @Test
  void survivesAJournalCutAnywhere() throws Exception {
    run(runner -> swapTo(runner, 2));
    byte[] journal = Files.readAllBytes(state("journal.log"));
    for (int part = 0; part < 5; part++) {
      Files.write(state("journal.log"), Arrays.copyOf(journal, journal.length * part / 5 + part));

      run(runner -> assertServes(runner, 2));
    }
  }

  @Test
  void doesNotServeFilesThatAreNotWhatTheyWere() throws Exception {
    run(runner -> swapTo(runner, 2));
    try (var files = Files.walk(state("versions"))) {
      Path model = files.filter(file -> file.endsWith("model.txt")).findFirst().orElseThrow();
      Files.writeString(model, "add=7");
    }

    run(runner -> {
      assertServes(runner, 1);
      assertThat(status(runner).generation()).isEqualTo(3);
    });
  }

  @Test
  void servesTheNewImageWhenSomebodyDeployedOne() throws Exception {
    run(runner -> swapTo(runner, 2));

    try (Fixture runner = new Fixture(root, ModelImage.adding("5.0.0", 5), Map.of())) {
      assertServes(runner, 5);
      assertThat(status(runner).generation()).isEqualTo(3);
    }
    try (Fixture runner = new Fixture(root, ModelImage.adding("5.0.0", 5), Map.of())) {
      assertServes(runner, 5);
    }
  }

  @Test
  void goesBackAfterThreeBootsThatFailed() throws Exception {
    Path switchedOn = root.resolve("switch");
    ModelImage moody =
        ModelImage.of("adder", "2.0.0", "add=2\nfail-when=" + switchedOn, DataType.FP32, 2);
    run(runner -> assertThat(runner.caller.swap(moody).state()).isEqualTo(SwapState.COMMITTED));
    Files.writeString(switchedOn, "");

    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(() -> Fixture.of(root))
          .isInstanceOf(BootException.class)
          .hasMessageContaining("does not load today");
    }

    run(runner -> {
      assertServes(runner, 1);
      var history = runner.caller.send(runner.caller.admin("/mlo/v1/history")).body();
      assertThat(history).contains("boot_guard");
    });
  }

  @Test
  void refusesASecondRunnerOnTheSameState() throws Exception {
    run(runner ->
        assertThatThrownBy(() -> Fixture.of(root)).hasMessageContaining("another runner"));
  }

  @Test
  void startsWithoutAPlaceToRememberButTakesNoSwap() throws Exception {
    Path file = Files.writeString(root.resolve("no-directory"), "", UTF_8);

    try (Fixture runner =
        new Fixture(
            root, ModelImage.adding("1.0.0", 1), Map.of("MLO_STATE_DIR", file.toString()))) {
      assertServes(runner, 1);
      assertThat(runner.caller.start(ModelImage.adding("2.0.0", 2)).status()).isEqualTo(507);
    }
  }

  @Test
  void doesNotStartWithAModelThatFailsItsExamples() throws Exception {
    assertThatThrownBy(() -> new Fixture(root, ModelImage.wrong("1.0.0"), Map.of()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("answered wrongly");
  }
}
