package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process is real; instead of Java it is a shell that does what a runner would.
@Timeout(60)
class LocalRunnerTest {
  private static final String SERVE =
      """
      echo '{"http":"http://127.0.0.1:1","admin":"http://127.0.0.1:2"}' >"$MLO_READY_FILE"
      echo 'ready: iris 1.0.0'
      """;

  @TempDir Path root;

  private LocalRunner.Start runner(String script) throws IOException {
    Path program = Files.writeString(root.resolve("java"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new LocalRunner.Start(
        program,
        root,
        root,
        root,
        root,
        "127.0.0.1",
        8080,
        OptionalInt.empty(),
        0,
        null,
        Map.of("MLO_WORKERS", "2", "MLO_HOST", "ours counts"),
        "iris:1.0.0",
        null);
  }

  private Failure failure(String script) throws IOException {
    LocalRunner.Start start = runner(script);
    var caught = new Failure[1];
    assertThatThrownBy(() -> LocalRunner.start(start))
        .isInstanceOfSatisfying(Failure.class, failure -> caught[0] = failure);
    return caught[0];
  }

  @Test
  void saysWhereItServesAndIsAskedToStop() throws Exception {
    LocalRunner runner =
        LocalRunner.start(
            runner(
                "trap 'echo drained >drained; exit 0' TERM\ncd "
                    + root
                    + "\n"
                    + SERVE
                    + "read -r line"));

    assertThat(runner.http()).isEqualTo(URI.create("http://127.0.0.1:1"));
    assertThat(runner.admin()).isEqualTo(URI.create("http://127.0.0.1:2"));
    runner.close();
    assertThat(root.resolve("drained")).hasContent("drained");
    assertThat(ProcessHandle.of(runner.pid()).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void whatItSaysAtItsEndIsHeard() throws Exception {
    LocalRunner runner =
        LocalRunner.start(
            runner(
                "trap 'echo stopped: requests answered: 7; exit 0' TERM\n"
                    + SERVE
                    + "read -r line"));
    runner.close();
    assertThat(runner.answered()).hasValue(7);

    LocalRunner older = LocalRunner.start(runner(SERVE + "exit 0"));
    older.await();
    assertThat(older.answered()).isEmpty();
  }

  @Test
  void endsWithItsInput() throws Exception {
    try (LocalRunner runner = LocalRunner.start(runner(SERVE + "exit 7"))) {
      assertThat(runner.await()).isEqualTo(7);
    }
  }

  @Test
  void tellsNothingOfThisCommandsOwnVariablesButTheSettings() throws Exception {
    LocalRunner runner =
        LocalRunner.start(
            runner(
                "env | grep ^MLO_ | cut -d= -f1 >%s/names\necho $MLO_WORKERS $MLO_HOST >%s/values\n"
                        .formatted(root, root)
                    + SERVE));
    runner.await();

    assertThat(Files.readAllLines(root.resolve("names")))
        .containsExactlyInAnyOrder(
            "MLO_MODELS_DIR",
            "MLO_BACKENDS_DIR",
            "MLO_STATE_DIR",
            "MLO_HOST",
            "MLO_HTTP_PORT",
            "MLO_GRPC_PORT",
            "MLO_ADMIN_PORT",
            "MLO_READY_FILE",
            "MLO_BOUND",
            "MLO_IMAGE",
            "MLO_WORKERS");
    assertThat(root.resolve("values")).hasContent("2 127.0.0.1");
  }

  @Test
  void aSettingThatMakesNoSenseIsToldInTheRunnersWords() throws Exception {
    Failure failure = failure("echo 'error: MLO_WORKERS=two: a whole number' >&2; exit 2");

    assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
    assertThat(failure.why()).containsExactly("MLO_WORKERS=two: a whole number");
  }

  @Test
  void aTakenPortIsAConflictThatNamesThePort() throws Exception {
    Failure failure =
        failure(
            "echo 'error: cannot listen at 127.0.0.1:8080: Address already in use; MLO_HTTP_PORT"
                + " names another port for REST' >&2; exit 3");

    assertThat(failure.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(failure.what()).contains("127.0.0.1:8080").endsWith("in use");
    assertThat(failure.hint()).contains("--port").contains("--admin-port");
  }

  @Test
  void aForbiddenPortAndAForeignAddressAreToldApart() throws Exception {
    assertThat(failure("echo 'error: cannot listen at h:80: Permission denied' >&2; exit 3").code())
        .isEqualTo(ExitCode.DENIED);
    assertThat(
            failure("echo 'error: cannot listen at h:80: Cannot assign address' >&2; exit 3")
                .code())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aModelThatIsNotServedIsRefusedInTheRunnersWords() throws Exception {
    Failure failure = failure("echo 'error: the example is answered wrongly' >&2; exit 1");

    assertThat(failure.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(failure.why()).containsExactly("the example is answered wrongly");
  }

  @Test
  void aRunnerThatEndsWithoutAWordIsSaidToHaveDoneSo() throws Exception {
    assertThat(failure("exit 134").why())
        .containsExactly("the runner ended without a word, with 134");
  }

  /// As a Ctrl-C at a terminal does, which reaches the runner too.
  @Test
  void aRunnerThatIsStoppedWhileItStartsCountsAsInterrupted() throws Exception {
    for (String script : new String[] {"exit 0", "kill -INT $$", "kill -TERM $$"}) {
      LocalRunner.Start start = runner(script);

      assertThatThrownBy(() -> LocalRunner.start(start)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void anInterruptEndsARunnerThatStillLoads() throws Exception {
    Path loading = root.resolve("loading");
    assertThat(new ProcessBuilder("mkfifo", loading.toString()).start().waitFor()).isZero();
    LocalRunner.Start start = runner("echo $$ >" + loading + "\nread -r line");
    var ended = new CompletableFuture<Throwable>();
    Thread starting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                LocalRunner.start(start);
              } catch (Exception e) {
                ended.complete(e);
              }
            });
    long pid = Long.parseLong(Files.readString(loading).strip());

    starting.interrupt();

    assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }
}
