package dev.mlo.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// A headless Chromium with one tab, driven by the Chrome DevTools Protocol. It waits for what it
/// is told to wait for inside the page, so nothing here sleeps.
final class Browser implements AutoCloseable {
  private static final Pattern ENDPOINT = Pattern.compile("ws://\\S+");
  private static final long PATIENCE_SECONDS = 60;

  /// Resolves with the expression's value once it is truthy; looks again after each change of the
  /// document.
  private static final String WHEN =
      """
      new Promise((done) => {
        const look = () => {
          const value = EXPRESSION;
          if (!value) return false;
          watch.disconnect();
          done(value);
          return true;
        };
        const watch = new MutationObserver(look);
        if (!look()) {
          watch.observe(document, {
            subtree: true, childList: true, attributes: true, characterData: true });
        }
      })
      """;

  private final Process process;
  private final Path profile;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final String session;

  /// Starts it. A machine without one skips the test, unless it is there to run all tests.
  static Browser start() throws Exception {
    Optional<Path> program = program();
    if (program.isEmpty() && System.getenv("CI") != null) {
      Assertions.fail("the package chromium is missing");
    }
    Assumptions.assumeTrue(program.isPresent(), "the package chromium is missing");
    return new Browser(program.get());
  }

  private static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private Browser(Path program) throws Exception {
    profile = Files.createTempDirectory("mlo-browser-");
    ProcessBuilder builder =
        new ProcessBuilder(
            program.toString(),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + profile,
            "--remote-debugging-port=0",
            "about:blank");
    builder.environment().put("HOME", profile.toString());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    process = builder.start();
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(endpoint(process.errorReader())), new Receiver())
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    String target =
        call("", "Target.createTarget", Json.object().put("url", "about:blank"))
            .path("targetId")
            .asText();
    session =
        call(
                "",
                "Target.attachToTarget",
                Json.object().put("targetId", target).put("flatten", true))
            .path("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Json.object());
    }
  }

  /// It says where it listens, among other things; whatever it says later must be read as well.
  private static String endpoint(BufferedReader err) throws IOException {
    var said = new StringBuilder();
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      Matcher found = ENDPOINT.matcher(line);
      if (found.find()) {
        Thread.ofVirtual().start(() -> err.lines().forEach(ignored -> {}));
        return found.group();
      }
      said.append(line).append('\n');
    }
    throw new IOException("chromium ended: " + said);
  }

  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        received(whole);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }

  private void received(String text) {
    try {
      JsonNode message = Json.parse(text.getBytes(StandardCharsets.UTF_8));
      CompletableFuture<JsonNode> waiting = pending.remove(message.path("id").asInt(-1));
      if (waiting != null) {
        waiting.complete(message);
      } else {
        note(message.path("method").asText(), message.path("params"));
      }
    } catch (JsonFormatException e) {
      complaints.add("unreadable: " + e.getMessage());
    }
  }

  private void note(String method, JsonNode event) {
    switch (method) {
      case "Runtime.exceptionThrown" -> complaints.add("exception: " + event);
      case "Runtime.consoleAPICalled" -> complaints.add("console: " + event.path("args"));
      case "Log.entryAdded" -> {
        if (!event.at("/entry/source").asText().equals("network")) {
          complaints.add("log: " + event.at("/entry/text").asText());
        }
      }
      case "Network.requestWillBeSent" -> requests.add(event.at("/request/url").asText());
      default -> {}
    }
  }

  private JsonNode call(String method, ObjectNode parameters) throws Exception {
    return call(session, method, parameters);
  }

  private JsonNode call(String target, String method, ObjectNode parameters) throws Exception {
    int id = ids.incrementAndGet();
    var answer = new CompletableFuture<JsonNode>();
    pending.put(id, answer);
    ObjectNode message = Json.object().put("id", id).put("method", method);
    message.set("params", parameters);
    if (!target.isEmpty()) {
      message.put("sessionId", target);
    }
    socket
        .sendText(new String(Json.compact(message), StandardCharsets.UTF_8), true)
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    JsonNode said = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (said.has("error")) {
      throw new AssertionError(method + ": " + said.path("error"));
    }
    return said.path("result");
  }

  /// @param scheme `light` or `dark`
  void look(int width, int height, String scheme) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        Json.object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", width < 500));
    ObjectNode media = Json.object();
    media.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", scheme);
    call("Emulation.setEmulatedMedia", media);
  }

  /// Opens an address and forgets what was complained of and asked for before.
  void open(String url) throws Exception {
    complaints.clear();
    requests.clear();
    call("Page.navigate", Json.object().put("url", url));
    when("location.href !== 'about:blank' && document.readyState === 'complete'");
  }

  /// The value of a JavaScript expression, a promise's when it is kept.
  JsonNode evaluate(String expression) throws Exception {
    JsonNode said =
        call(
            "Runtime.evaluate",
            Json.object()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true));
    if (said.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + said.path("exceptionDetails"));
    }
    return said.at("/result/value");
  }

  /// Waits until an expression is true.
  JsonNode when(String expression) throws Exception {
    try {
      return evaluate(WHEN.replace("EXPRESSION", expression));
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError(
          "never true: %s; the page says: %s; %s"
              .formatted(expression, evaluate("document.body.innerText").asText(), complaints),
          e);
    }
  }

  /// The text that is seen in an element.
  String text(String id) throws Exception {
    return evaluate("document.getElementById('" + id + "').innerText").asText();
  }

  /// Presses a key, `Enter` or `Tab`.
  ///
  /// @param modifiers 2: Ctrl, 8: Shift
  void press(String key, int modifiers) throws Exception {
    ObjectNode event = Json.object().put("key", key).put("code", key).put("modifiers", modifiers);
    event.put("windowsVirtualKeyCode", key.equals("Tab") ? 9 : 13);
    ObjectNode down = event.deepCopy().put("type", key.equals("Tab") ? "rawKeyDown" : "keyDown");
    call("Input.dispatchKeyEvent", key.equals("Tab") ? down : down.put("text", "\r"));
    call("Input.dispatchKeyEvent", event.put("type", "keyUp"));
  }

  /// Types into whatever has the focus.
  void type(String text) throws Exception {
    call("Input.insertText", Json.object().put("text", text));
  }

  /// Presses the mouse at one point of the window and lets it go at another.
  void drag(double fromX, double fromY, double toX, double toY) throws Exception {
    mouse("mousePressed", fromX, fromY);
    mouse("mouseMoved", (fromX + toX) / 2, (fromY + toY) / 2);
    mouse("mouseMoved", toX, toY);
    mouse("mouseReleased", toX, toY);
  }

  private void mouse(String type, double x, double y) throws Exception {
    ObjectNode event = Json.object().put("type", type).put("x", x).put("y", y);
    event.put("button", "left").put("clickCount", 1);
    call("Input.dispatchMouseEvent", event.put("buttons", type.equals("mouseReleased") ? 0 : 1));
  }

  void screenshot(Path file) throws Exception {
    JsonNode said =
        call("Page.captureScreenshot", Json.object().put("captureBeyondViewport", true));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(said.path("data").asText()));
  }

  /// Exceptions, console output and violations of the page's policy since it was opened.
  List<String> complaints() {
    return new ArrayList<>(complaints);
  }

  /// What the page has asked for since it was opened.
  List<String> requests() {
    return new ArrayList<>(requests);
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    socket.abort();
    client.shutdownNow();
    all.forEach(ProcessHandle::destroy);
    CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
