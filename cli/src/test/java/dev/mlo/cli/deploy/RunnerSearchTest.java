package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerSearchTest {
  @TempDir Path temporary;
  private Path run;

  @BeforeEach
  void prepare() {
    run = temporary.resolve(".mlo/run");
  }

  private void runner(String id, String model, int port, long pid) throws IOException {
    new RunnerFile(
            id,
            pid,
            model,
            model + ":1.0.0",
            "sha256:" + "1".repeat(64),
            "http://127.0.0.1:" + (port - 2),
            null,
            "http://127.0.0.1:" + port,
            temporary.resolve("secret").toString(),
            "2026-11-21T00:00:0" + id.length() + "Z")
        .write(run);
    Files.writeString(run.resolve(id + ".token"), "token-of-" + id);
  }

  private RunnerSearch search(@Nullable Path named, @Nullable Path general) {
    return new RunnerSearch(run, named, general);
  }

  private static @Nullable String header(List<RunnerTarget> targets) {
    Token token = targets.getFirst().token();
    return token == null ? null : token.header();
  }

  @Test
  void theFileIsForItsOwnerOnly() throws IOException {
    runner("a", "iris", 9002, ProcessHandle.current().pid());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("a.json"))))
        .isEqualTo("rw-------");
    assertThat(RunnerFile.all(run)).singleElement().extracting(RunnerFile::id).isEqualTo("a");
  }

  @Test
  void theTokenBesideTheRunnersFileIsFoundByEitherUrl() throws IOException {
    runner("a", "iris", 9002, 1);
    assertThat(header(search(null, null).at(List.of("http://127.0.0.1:9002"))))
        .isEqualTo("Bearer token-of-a");
    assertThat(header(search(null, null).at(List.of("http://localhost:9000/"))))
        .isEqualTo("Bearer token-of-a");
    assertThat(header(search(null, null).at(List.of("http://127.0.0.1:9004")))).isNull();
    assertThat(header(search(null, null).at(List.of("http://10.1.1.1:9002")))).isNull();
  }

  @Test
  void aNamedTokenWinsAndAGeneralOneComesLast() throws IOException {
    runner("a", "iris", 9002, 1);
    Path named = Files.writeString(temporary.resolve("n"), "named");
    Path general = Files.writeString(temporary.resolve("g"), "general");
    List<String> known = List.of("http://127.0.0.1:9002");
    assertThat(header(search(named, general).at(known))).isEqualTo("Bearer named");
    assertThat(header(search(null, general).at(known))).isEqualTo("Bearer token-of-a");
    assertThat(header(search(null, general).at(List.of("http://h:1")))).isEqualTo("Bearer general");
  }

  @Test
  void aRunnerFileCannotHaveAnotherFileSent() throws IOException {
    Files.writeString(temporary.resolve("secret"), "private-key");
    runner("a", "iris", 9002, 1);
    Files.delete(run.resolve("a.token"));
    Files.createSymbolicLink(run.resolve("a.token"), temporary.resolve("secret"));
    assertThat(header(search(null, null).at(List.of("http://127.0.0.1:9002")))).isNull();
  }

  @Test
  void onlyLivingRunnersOfTheModelAreMeant() throws IOException {
    long pid = ProcessHandle.current().pid();
    runner("a", "iris", 9002, pid);
    runner("bb", "iris", 9012, Integer.MAX_VALUE - 1);
    runner("ccc", "digits", 9022, pid);

    assertThat(search(null, null).here("iris"))
        .extracting(RunnerTarget::admin)
        .containsExactly(URI.create("http://127.0.0.1:9002"));
    assertThat(search(null, null).of(List.of(URI.create("https://prod:8082/")), "digits"))
        .extracting(RunnerTarget::admin)
        .containsExactly(URI.create("https://prod:8082"), URI.create("http://127.0.0.1:9022"));

    Failure unclear = catchThrowableOfType(Failure.class, () -> search(null, null).here(null));
    assertThat(unclear.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unclear.why()).containsExactly("runners of digits, iris run here");
  }

  @Test
  void whereNothingRunsItSaysSo() {
    Failure failure = catchThrowableOfType(Failure.class, () -> search(null, null).here("iris"));
    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.hint()).contains("mlo run");
  }

  @Test
  void filesThatDescribeNoRunnerAreSkipped() throws IOException {
    RunnerFile.prepare(run);
    Files.writeString(run.resolve("x.json"), "{\"id\":\"../x\"}");
    Files.writeString(run.resolve("y.json"), "not json");
    Files.writeString(run.resolve("z.json"), "{\"id\":\"z\",\"pid\":1}");
    Files.createDirectory(run.resolve("d.json"));
    Files.writeString(
        run.resolve("w.json"),
        """
        {"id":"w","pid":1,"model":"m","startedAt":"now","http":"http://127.0.0.1:1",
         "admin":"http://collector.example:8082"}
        """);
    assertThat(RunnerFile.all(run)).isEmpty();
  }
}
