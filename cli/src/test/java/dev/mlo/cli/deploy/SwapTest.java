package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SwapTest {
  private static final Wire.Limits LIMITS =
      new Wire.Limits(
          Duration.ofSeconds(9),
          Duration.ofSeconds(9),
          Duration.ofSeconds(9),
          Duration.ofMillis(1));

  private final TestImage image = new TestImage();
  private final RecordedSwap log = new RecordedSwap();
  private FakeRunner runner;
  private FakeRunner second;

  @BeforeEach
  void start() throws IOException {
    runner = new FakeRunner();
    second = new FakeRunner();
  }

  @AfterEach
  void stop() {
    runner.close();
    second.close();
  }

  private Swap.Request request(FakeRunner... runners) throws IOException {
    List<RunnerTarget> targets =
        Arrays.stream(runners).map(r -> new RunnerTarget(r.url(), null)).toList();
    return new Swap.Request(image.load(), targets, Duration.ofSeconds(20), false, "CHG-1", false);
  }

  private SwapResult swap(FakeRunner... runners) throws Exception {
    return new Swap(log, LIMITS).run(request(runners));
  }

  private Failure failure(FakeRunner... runners) {
    return catchThrowableOfType(Failure.class, () -> swap(runners));
  }

  @Test
  void onlyTheModelLayersAreSent() throws Exception {
    SwapResult result = swap(runner);

    SwapOutcome outcome = result.runners().getFirst();
    assertThat(outcome.state()).isEqualTo(SwapState.COMMITTED);
    assertThat(outcome.layers()).isEqualTo(2);
    assertThat(outcome.bytes()).isEqualTo(image.small.size() + image.large.size());
    assertThat(outcome.from()).isEqualTo(FakeRunner.OLD);
    assertThat(outcome.to()).extracting(Serving::version).isEqualTo("2.0.0");
    assertThat(outcome.timings()).containsEntry("flip", 0.02);
    assertThat(runner.requests)
        .filteredOn(r -> r.startsWith("PUT"))
        .containsExactly(
            "PUT /mlo/v1/blobs/" + image.small.digest(),
            "PUT /mlo/v1/blobs/" + image.large.digest());
    assertThat(log.events)
        .containsSubsequence("asked", "PULLING", "sent " + image.large.size(), "COMMITTED");
  }

  @Test
  void aLayerThatSomebodyElseSentFirstIsNotSentAgain() throws Exception {
    runner.at(
        "PUT /mlo/v1/blobs/" + image.small.digest(),
        exchange -> {
          runner.arrived(image.small.digest().toString());
          runner.error(exchange, 404, "not_wanted", "no swap waits for it");
        });

    SwapOutcome outcome = swap(runner).runners().getFirst();

    assertThat(outcome.state()).isEqualTo(SwapState.COMMITTED);
    assertThat(outcome.layers()).isEqualTo(1);
    assertThat(outcome.bytes()).isEqualTo(image.large.size());
  }

  @Test
  void aLayerThatComesDamagedFromItsStoreIsReadAndSentAgain() throws Exception {
    image.damage(image.large, 1);

    SwapOutcome outcome = swap(runner).runners().getFirst();

    assertThat(outcome.state()).isEqualTo(SwapState.COMMITTED);
    assertThat(outcome.layers()).isEqualTo(2);
    assertThat(outcome.bytes()).isEqualTo(image.small.size() + image.large.size());
    assertThat(runner.requests)
        .filteredOn(r -> r.endsWith(image.large.digest().toString()))
        .as("the attempt that broke off, and the good one")
        .hasSize(2);
  }

  @Test
  void theGenerationThatWasSeenIsSentAlong() throws Exception {
    swap(runner);
    assertThat(runner.swaps.getFirst().expectedGeneration()).isEqualTo(1);
    assertThat(runner.swaps.getFirst().reason()).isEqualTo("CHG-1");
  }

  @Test
  void theSameModelAgainIsNothingToDo() throws Exception {
    swap(runner);
    runner.requests.clear();

    SwapOutcome outcome = swap(runner).runners().getFirst();

    assertThat(outcome.state()).isEqualTo(SwapState.NOOP);
    assertThat(outcome.bytes()).isZero();
    assertThat(runner.requests).noneMatch(r -> r.startsWith("PUT"));
  }

  @Test
  void aFailedSelfTestSaysWhyAndWhatServes() {
    runner.fails(
        new SwapReport.Fault(SwapState.TESTING, "selftest_mismatch", "`label` differs", false));

    Failure failure = failure(runner);

    assertThat(failure.code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(failure.why())
        .containsExactly(
            "TESTING: selftest_mismatch: `label` differs",
            "the old model `iris 1.0.0` still serves");
    assertThat(failure.hint()).isEqualTo("mlo test iris:2.0.0");
  }

  @Test
  void anotherSignatureIsRefusedBeforeAByteMoves() {
    runner.at(
        "POST /mlo/v1/swaps",
        x -> runner.error(x, 422, "incompatible_signature", "input `features` is gone"));

    Failure failure = failure(runner);

    assertThat(failure.code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(failure.why())
        .containsExactly(
            "incompatible_signature: input `features` is gone",
            "the old model `iris 1.0.0` still serves");
    assertThat(failure.hint()).contains("--allow-signature-change");
    assertThat(runner.requests).noneMatch(r -> r.startsWith("PUT"));
  }

  @Test
  void aSwapUnderWayAndALostRaceAreConflicts() {
    runner.at("POST /mlo/v1/swaps", x -> runner.error(x, 409, "swap_in_progress", "s7 runs"));
    assertThat(failure(runner).code()).isEqualTo(ExitCode.CONFLICT);

    runner.at("POST /mlo/v1/swaps", x -> runner.error(x, 412, "generation_mismatch", "it is 2"));
    Failure lost = failure(runner);
    assertThat(lost.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(lost.what()).contains("changed by someone else");
  }

  @Test
  void aDamagedLayerInTheStoreEndsTheSwapAtTheRunner() {
    image.damage(image.large);

    Failure failure = failure(runner);

    assertThat(failure.code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(failure.why()).contains("the old model `iris 1.0.0` still serves");
    assertThat(runner.requests).contains("POST /mlo/v1/swaps/s1/abort");
    assertThat(runner.active()).isEqualTo(FakeRunner.OLD);
  }

  @Test
  void bytesThatAreNoLayerOfTheImageAreNotSent() {
    runner.at(
        "POST /mlo/v1/swaps",
        x ->
            FakeRunner.raw(
                x,
                202,
                """
                {"id":"s1","image":"a","digest":"b","state":"PULLING",
                 "missing":[{"digest":"../../etc/passwd","size":3}]}
                """));

    Failure failure = failure(runner);

    assertThat(failure.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(runner.requests).noneMatch(r -> r.startsWith("PUT"));
  }

  @Test
  void aConnectionThatBreaksOnceIsTriedAgain() throws Exception {
    var breaks = new AtomicInteger();
    runner.at(
        "PUT /mlo/v1/blobs/" + image.large.digest(),
        x -> {
          breaks.incrementAndGet();
          runner.behave("PUT /mlo/v1/blobs/" + image.large.digest());
        });

    assertThat(swap(runner).runners().getFirst().state()).isEqualTo(SwapState.COMMITTED);
    assertThat(breaks).hasValue(1);
    assertThat(log.events).contains("retrying");
  }

  @Test
  void aRunnerThatDiesInTheMiddleIsANetworkFailure() {
    runner.at("PUT /mlo/v1/blobs/", x -> runner.close());

    Failure failure = failure(runner);

    assertThat(failure.code()).isEqualTo(ExitCode.NETWORK);
    assertThat(failure.what()).contains("was lost during the swap");
    assertThat(String.join("\n", failure.why())).contains("iris 1.0.0");
  }

  @Test
  void aRunnerThatForgotTheSwapHasStartedAnew() {
    runner.at("GET /mlo/v1/swaps/s1", x -> runner.error(x, 404, "not_found", "no swap s1"));

    Failure failure = failure(runner);

    // The fake flips when the last layer is there: its status decides.
    assertThat(failure).isNull();
    assertThat(runner.active().version()).isEqualTo("2.0.0");
  }

  @Test
  void whatTakesTooLongIsStopped() throws Exception {
    runner.at(
        "GET /mlo/v1/swaps/s1",
        x -> FakeRunner.raw(x, 200, "{\"id\":\"s1\",\"state\":\"LOADING\"}"));
    runner.at(
        "POST /mlo/v1/swaps/s1/abort",
        x -> {
          runner.behave("GET /mlo/v1/swaps/s1").behave("POST /mlo/v1/swaps/s1/abort");
          FakeRunner.raw(x, 200, "{\"id\":\"s1\",\"state\":\"ABORTED\"}");
        });
    Swap.Request request =
        new Swap.Request(
            image.load(),
            List.of(new RunnerTarget(runner.url(), null)),
            Duration.ofMillis(300),
            false,
            null,
            false);

    Failure failure = catchThrowableOfType(Failure.class, () -> new Swap(log, LIMITS).run(request));

    assertThat(failure.code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(failure.why()).contains("it was stopped in the state LOADING");
    assertThat(failure.hint()).contains("--wait");
    assertThat(runner.requests).contains("POST /mlo/v1/swaps/s1/abort");
  }

  @Test
  void anInterruptAbortsTheSwapAndSaysWhatServes() throws Exception {
    var reached = new CountDownLatch(1);
    runner.at(
        "PUT /mlo/v1/blobs/" + image.large.digest(),
        x -> {
          reached.countDown();
          runner.hang(x);
        });
    var caught = new CompletableFuture<Failure>();
    Swap.Request request = request(runner);
    Wire.Limits patient =
        new Wire.Limits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(1));
    Thread worker =
        Thread.ofPlatform()
            .start(() ->
                caught.complete(
                    catchThrowableOfType(
                        Failure.class, () -> new Swap(log, patient).run(request))));
    assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();

    worker.interrupt();

    Failure failure = caught.get(10, TimeUnit.SECONDS);
    assertThat(failure.code()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(failure.why()).containsExactly("the old model `iris 1.0.0` still serves");
    assertThat(runner.requests).contains("POST /mlo/v1/swaps/s1/abort");
  }

  @Test
  void aDryRunMovesNothing() throws Exception {
    Swap.Request dry =
        new Swap.Request(
            image.load(), request(runner).runners(), Duration.ofSeconds(5), false, null, true);

    SwapResult result = new Swap(log, LIMITS).run(dry);

    assertThat(result.runners().getFirst().bytes())
        .isEqualTo(image.small.size() + image.large.size());
    assertThat(runner.active()).isEqualTo(FakeRunner.OLD);
    assertThat(runner.requests).noneMatch(r -> r.startsWith("PUT"));
  }

  @Test
  void whenTheSecondRunnerFailsTheFirstGoesBack() {
    second.fails(
        new SwapReport.Fault(SwapState.LOADING, "load_error", "the engine said no", false));

    Failure failure = failure(runner, second);

    assertThat(failure.code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(runner.active().version()).isEqualTo("1.0.0");
    assertThat(second.active().version()).isEqualTo("1.0.0");
    assertThat(log.events).contains("rolled back to 1.0.0");
  }

  @Test
  void whenTheFirstCannotGoBackTheFleetIsMixed() {
    second.fails(
        new SwapReport.Fault(SwapState.LOADING, "load_error", "the engine said no", false));
    runner.at("POST /mlo/v1/rollback", x -> runner.error(x, 410, "gone", "it is closed"));

    Failure failure = failure(runner, second);

    assertThat(failure.code()).isEqualTo(ExitCode.FLEET_MIXED);
    assertThat(String.join("\n", failure.why()))
        .contains("load_error")
        .contains(runner.url() + " stays with `iris 2.0.0`");
  }

  @Test
  void whenOneOfTwoRefusesNeitherChanges() {
    second.at("POST /mlo/v1/swaps", x -> second.error(x, 422, "unknown_format", "no engine"));

    assertThat(failure(runner, second).code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(runner.requests).noneMatch(r -> r.startsWith("PUT"));
  }

  @Test
  void aRollbackTakesTheRunnerBack() throws Exception {
    swap(runner);

    SwapResult result = new RunnerRollback(log, LIMITS).run(request(runner).runners(), false);

    SwapOutcome back = result.runners().getFirst();
    assertThat(back.to()).isEqualTo(FakeRunner.OLD);
    assertThat(back.timings().get(SwapOutcome.ROLLBACK)).isPositive();
    assertThat(runner.active()).isEqualTo(FakeRunner.OLD);
  }

  @Test
  void withoutAVersionBeforeThereIsNoRollback() {
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> new RunnerRollback(log, LIMITS).run(request(runner).runners(), false));
    assertThat(failure.code()).isEqualTo(ExitCode.SWAP_REFUSED);
    assertThat(failure.why()).contains("`iris 1.0.0` still serves");
  }

  @Test
  void theTokenIsSentAndNeverShown(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "s3cret-token\n");
    runner.wantsToken("s3cret-token");
    Token token = Token.read(file);
    Swap.Request request =
        new Swap.Request(
            image.load(),
            List.of(new RunnerTarget(runner.url(), token)),
            Duration.ofSeconds(5),
            false,
            null,
            false);

    new Swap(log, LIMITS).run(request);

    assertThat(runner.active().version()).isEqualTo("2.0.0");
    assertThat(request.toString()).doesNotContain("s3cret");
  }
}
