package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.DeniedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A program that keeps credentials: `docker-credential-NAME get|store|erase`, which is told the
/// server on stdin. It may ask a person for a passphrase, so it gets a minute; it gets no more than
/// that, and no more memory than an answer needs.
///
/// @param config the file that names it, as a person calls that file
/// @param environment where `PATH` is looked up; the program runs with all of it
/// @param log is told that it is waited for
record CredentialProgram(
    String name,
    String config,
    Map<String, String> environment,
    Duration patience,
    RegistryLog log) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final int MAX_OUTPUT = 256 << 10;
  private static final int PAUSES = 8;
  private static final Duration AFTERMATH = Duration.ofSeconds(2);

  CredentialProgram {
    environment = Map.copyOf(environment);
  }

  /// @throws DeniedException when the name is a path or otherwise no name
  static CredentialProgram named(
      String name, String config, Map<String, String> environment, RegistryLog log)
      throws DeniedException {
    if (!NAME.matcher(name).matches()) {
      throw new DeniedException(
          "%s names a credential helper that is none: `%s` is not a word"
              .formatted(config, Words.plain(name, 64)));
    }
    return new CredentialProgram(name, config, environment, Duration.ofMinutes(1), log);
  }

  String program() {
    return "docker-credential-" + name;
  }

  /// `null` when it has none for this server.
  @Nullable Credentials get(String server) throws IOException {
    Output output = run("get", server, new Credentials.Anonymous());
    if (output.exit() != 0) {
      if (output.says("credentials not found")) {
        return null;
      }
      throw failed("get", output, new Credentials.Anonymous());
    }
    try {
      JsonNode answer = Json.parse(output.stdout().getBytes(StandardCharsets.UTF_8));
      @Nullable String user = answer.path("Username").textValue();
      @Nullable String secret = answer.path("Secret").textValue();
      if (user != null && secret != null) {
        return user.isEmpty() && secret.isEmpty() ? null : Credentials.of(user, secret, program());
      }
    } catch (JsonFormatException e) {
      // The same message as for any other answer that is none: the parser's own shows a piece of
      // it.
      throw noAnswer();
    }
    throw noAnswer();
  }

  void store(String server, String user, String secret) throws IOException {
    byte[] entry =
        Json.compact(
            Json.object().put("ServerURL", server).put("Username", user).put("Secret", secret));
    Credentials stored = Credentials.of(user, secret, program());
    Output output = run("store", new String(entry, StandardCharsets.UTF_8), stored);
    if (output.exit() != 0) {
      throw failed("store", output, stored);
    }
  }

  void erase(String server) throws IOException {
    Output output = run("erase", server, new Credentials.Anonymous());
    if (output.exit() != 0 && !output.says("credentials not found")) {
      throw failed("erase", output, new Credentials.Anonymous());
    }
  }

  private DeniedException noAnswer() {
    return new DeniedException(program() + " gave no credentials: its answer has no such fields");
  }

  private DeniedException failed(String action, Output output, Credentials used) {
    String said = Words.hide(output.firstLine(), used);
    return new DeniedException(
        "%s %s failed: %s"
            .formatted(program(), action, said.isEmpty() ? "exit code " + output.exit() : said));
  }

  private record Output(int exit, String stdout) {
    String firstLine() {
      return stdout.lines().findFirst().orElse("");
    }

    boolean says(String words) {
      return stdout.contains(words);
    }

    @Override
    public String toString() {
      return "exit " + exit;
    }
  }

  private Output run(String action, String stdin, Credentials used) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(find().toString(), action);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = start(builder);
    try {
      CompletableFuture<byte[]> stdout = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> read(process.getInputStream(), stdout));
      Thread.ofVirtual().start(() -> write(process.getOutputStream(), stdin));
      return await(process, stdout, action, used);
    } finally {
      end(process);
    }
  }

  private Process start(ProcessBuilder builder) throws DeniedException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new DeniedException(program() + " cannot be run: " + e.getMessage());
    }
  }

  private Output await(
      Process process, CompletableFuture<byte[]> stdout, String action, Credentials used)
      throws IOException {
    try {
      await(CompletableFuture.anyOf(stdout, process.onExit()));
      // What the program left running may hold its output open: it is not waited for.
      byte[] bytes = stdout.get(AFTERMATH.toMillis(), TimeUnit.MILLISECONDS);
      if (bytes.length > MAX_OUTPUT) {
        throw new DeniedException(
            "%s %s failed: it says more than %d KiB"
                .formatted(program(), action, MAX_OUTPUT >> 10));
      }
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
      return new Output(process.exitValue(), new String(bytes, StandardCharsets.UTF_8));
    } catch (TimeoutException e) {
      throw new DeniedException(
          "%s %s failed: no answer within %d s".formatted(program(), action, patience.toSeconds()));
    } catch (ExecutionException e) {
      throw new DeniedException(
          "%s %s failed: %s".formatted(program(), action, Words.hide("" + e.getCause(), used)));
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while " + program() + " ran");
    }
  }

  /// Nobody is left without a word for long.
  private void await(CompletableFuture<?> answer)
      throws TimeoutException, ExecutionException, InterruptedException {
    long pause = patience.toMillis() / PAUSES;
    for (int i = 1; !answer.isDone(); i++) {
      try {
        answer.get(pause, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (i == PAUSES) {
          throw e;
        }
        log.waiting(program(), "it says nothing", patience.minusMillis(i * pause));
      }
    }
  }

  private static void read(InputStream from, CompletableFuture<byte[]> to) {
    try {
      to.complete(from.readNBytes(MAX_OUTPUT + 1));
    } catch (IOException e) {
      to.completeExceptionally(e);
    }
  }

  /// A program that does not read what it is told says so by its answer.
  private static void write(OutputStream to, String text) {
    try (to) {
      to.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return;
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /// Only absolute folders count: what lies in the current directory is not run.
  private Path find() throws DeniedException {
    for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
      if (folder.startsWith("/") && isExecutable(folder)) {
        return Path.of(folder, program());
      }
    }
    throw new DeniedException(
        "%s is not installed: %s says that it keeps the credentials, and no folder of PATH has it"
            .formatted(program(), config));
  }

  private boolean isExecutable(String folder) {
    try {
      Path program = Path.of(folder, program());
      return Files.isRegularFile(program) && Files.isExecutable(program);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
