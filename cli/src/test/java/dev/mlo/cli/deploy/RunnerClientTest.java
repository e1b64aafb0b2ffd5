package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RunnerClientTest {
  private static final Wire.Limits LIMITS =
      new Wire.Limits(
          Duration.ofSeconds(9),
          Duration.ofSeconds(9),
          Duration.ofSeconds(9),
          Duration.ofMillis(1));

  private FakeRunner runner;

  @BeforeEach
  void start() throws IOException {
    runner = new FakeRunner();
  }

  @AfterEach
  void stop() {
    runner.close();
  }

  private static Failure ask(URI url) {
    return ask(url, LIMITS);
  }

  private static Failure ask(URI url, Wire.Limits limits) {
    try (RunnerClient client = new RunnerClient(new RunnerTarget(url, null), limits)) {
      return catchThrowableOfType(Failure.class, client::status);
    }
  }

  @Test
  void aRunnerIsUnderstood() throws Exception {
    try (RunnerClient client = new RunnerClient(new RunnerTarget(runner.url(), null), LIMITS)) {
      assertThat(client.status().active()).isEqualTo(FakeRunner.OLD);
    }
  }

  @Test
  void nobodyAtTheUrl() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Failure failure = ask(URI.create("http://127.0.0.1:" + port));
    assertThat(failure.code()).isEqualTo(ExitCode.NETWORK);
    assertThat(failure.what()).startsWith("no runner answers at");
    assertThat(failure.hint()).contains("mlo run");
  }

  @Test
  void anUnknownHostIsNamed() {
    Failure failure = ask(URI.create("http://nowhere.invalid:8082"));
    assertThat(failure.code()).isEqualTo(ExitCode.NETWORK);
    assertThat(failure.why()).containsExactly("the name `nowhere.invalid` is not known");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>It works!</html>",
        "",
        "[]",
        "{}",
        "{\"runner\":1,\"generation\":\"x\"}",
        "{\"runner\":\"0.1.0\",\"generation\":1,\"active\":\"iris\"}",
        "{\"runner\":\"0.1.0\",\"generation\":1",
      })
  void whatIsNoRunnerIsNotBelieved(String body) {
    runner.at("GET /mlo/v1/status", x -> FakeRunner.raw(x, 200, body));
    Failure failure = ask(runner.url());
    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.what()).endsWith("is no mlo runner");
  }

  @Test
  void anAnswerWithoutEndIsCut() {
    runner.at(
        "GET /mlo/v1/status",
        x -> {
          x.sendResponseHeaders(200, 0);
          byte[] block = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
          for (int i = 0; i < 1000; i++) {
            x.getResponseBody().write(block);
          }
        });
    assertThat(ask(runner.url()).code()).isEqualTo(ExitCode.NETWORK);
  }

  @Test
  void silenceEndsInATimeout() {
    runner.at("GET /mlo/v1/status", runner::hang);
    Duration brief = Duration.ofMillis(200);
    Failure failure =
        ask(runner.url(), new Wire.Limits(Duration.ofSeconds(9), brief, brief, brief));
    assertThat(failure.code()).isEqualTo(ExitCode.NETWORK);
    assertThat(failure.what()).endsWith("does not answer");
  }

  @Test
  void aServerThatSpeaksSomethingElse() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread ssh =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try (Socket socket = server.accept()) {
                  socket
                      .getOutputStream()
                      .write("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  Thread.currentThread().interrupt();
                }
              });
      Failure failure = ask(URI.create("http://127.0.0.1:" + server.getLocalPort()));
      assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(failure.what()).endsWith("is no mlo runner");
      ssh.join(Duration.ofSeconds(5));
    }
  }

  @Test
  void theInferencePortIsRecognised() {
    runner
        .at("GET /mlo/v1/status", x -> runner.error(x, 404, "not_found", "no such route"))
        .at(
            "GET /v2",
            x -> FakeRunner.raw(x, 200, "{\"name\":\"mlo\",\"version\":\"1\",\"extensions\":[]}"));
    Failure failure = ask(runner.url());
    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.what()).endsWith("is the inference port of a runner");
    assertThat(failure.hint()).contains("http://127.0.0.1:8082");
  }

  @Test
  void noTokenAndAWrongTokenAreDenied(@TempDir Path directory) throws Exception {
    runner.wantsToken("right");
    Failure without = ask(runner.url());
    assertThat(without.code()).isEqualTo(ExitCode.DENIED);
    assertThat(without.what()).contains("asks for a token");
    assertThat(without.hint()).contains("--token-file");

    Token wrong = Token.read(Files.writeString(directory.resolve("t"), "wrong"));
    try (RunnerClient client = new RunnerClient(new RunnerTarget(runner.url(), wrong), LIMITS)) {
      Failure with = catchThrowableOfType(Failure.class, client::status);
      assertThat(with.code()).isEqualTo(ExitCode.DENIED);
      assertThat(with.what()).contains("refuses the token");
      assertThat(with.toString() + with.why() + with.hint()).doesNotContain("wrong");
    }
  }

  @Test
  void redirectsAreNotFollowed() {
    runner.at(
        "GET /mlo/v1/status",
        x -> {
          x.getResponseHeaders().add("Location", "/elsewhere");
          x.sendResponseHeaders(302, -1);
        });
    assertThat(ask(runner.url()).code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(runner.requests).doesNotContain("GET /elsewhere");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8082",
        "ftp://x:1",
        "http://",
        "http://user:secret@host:1",
        "http://h:1/?q",
        "http://h:99999",
        "http://a b",
        ""
      })
  void whatIsNoUrlIsWrongUsage(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> RunnerTarget.url(text))
        .satisfies(f -> {
          assertThat(f.code()).isEqualTo(ExitCode.USAGE);
          assertThat(f.what()).doesNotContain("secret");
        });
  }

  @Test
  void aSlashAtTheEndIsNoPartOfTheUrl() {
    assertThat(RunnerTarget.url("http://h:1/")).isEqualTo(URI.create("http://h:1"));
    assertThat(RunnerTarget.url("https://h/proxy/")).isEqualTo(URI.create("https://h/proxy"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "two words", "a\nb", "caf\u00e9"})
  void whatIsNoTokenIsRefusedWithoutBeingShown(String content, @TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("t"), content);
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Token.read(file))
        .satisfies(f -> assertThat(f.code()).isEqualTo(ExitCode.DENIED));
  }

  @Test
  void aTokenInTheClearIsNoticedOnlyOffThisMachine(@TempDir Path directory) throws IOException {
    Token token = Token.read(Files.writeString(directory.resolve("t"), "x"));
    assertThat(new RunnerTarget(URI.create("http://10.0.0.1:1"), token).exposesToken()).isTrue();
    assertThat(new RunnerTarget(URI.create("http://h:1"), token).exposesToken()).isTrue();
    assertThat(new RunnerTarget(URI.create("http://[::1]:1"), token).exposesToken()).isFalse();
    assertThat(new RunnerTarget(URI.create("http://127.0.0.1:1"), token).exposesToken()).isFalse();
    assertThat(new RunnerTarget(URI.create("https://h:1"), token).exposesToken()).isFalse();
  }
}
