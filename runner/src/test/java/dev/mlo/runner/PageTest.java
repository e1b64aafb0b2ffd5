package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.backend.onnx.OnnxFile;
import dev.mlo.contract.SwapState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The page in a browser, with real models behind it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final Path SHOTS = Path.of("target", "page");

  /// The rule of WCAG 2 for small text, over every text that is seen.
  private static final String FAINT =
      """
      (() => {
        const parts = (color) => color.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b]
          .map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = parts(getComputedStyle(at).backgroundColor);
            if (color[3] !== 0) return color;
          }
          return [255, 255, 255];
        };
        return [...document.querySelectorAll('body *')]
          .filter((e) => e.checkVisibility() && !e.disabled && !e.closest('.unseen, .skip')
            && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
          .map((e) => {
            const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))].sort();
            return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim()];
          })
          .filter(([ratio]) => ratio < 4.5)
          .map(([ratio, text]) => `${ratio.toFixed(2)}: ${text}`);
      })()
      """;

  private static final String NAMELESS =
      """
      [...document.querySelectorAll('input, select, textarea, button, a, canvas, svg')]
        .filter((e) => !(e.ariaLabel || e.labels?.length || e.textContent.trim()))
        .map((e) => e.outerHTML)
      """;

  private Browser browser;

  @BeforeAll
  void start() throws Exception {
    browser = Browser.start();
  }

  @AfterAll
  void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private static Fixture iris(Path root, Map<String, String> more) throws Exception {
    return new Fixture(root, ModelImage.onnx(Examples.iris("1.0.0"), "iris", "1.0.0"), more);
  }

  private static String address(Fixture runner) {
    return "http://127.0.0.1:" + runner.service.httpPort() + "/";
  }

  private void open(Fixture runner, int width, int height, String scheme) throws Exception {
    browser.look(width, height, scheme);
    browser.open(address(runner));
    browser.when("document.getElementById('state').dataset.state === 'ready'");
  }

  private void answered() throws Exception {
    browser.when("!document.getElementById('answer').hidden");
  }

  @Test
  void whoSeesItForTheFirstTimePressesEnterAndHasAnAnswer(@TempDir Path root) throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      long begin = System.nanoTime();
      open(runner, 1280, 900, "light");
      browser.when("document.activeElement.id === 'send'");

      browser.press("Enter", 0);
      answered();

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
      assertThat(browser.text("answer"))
          .contains("setosa", "97.5 %", "from version 1.0.0 in")
          .containsPattern("\\d ms");
      assertThat(browser.evaluate("document.querySelectorAll('.bars li').length").asInt())
          .isEqualTo(3);
      assertThat(browser.evaluate("document.getElementById('spoken').textContent").asText())
          .startsWith("setosa, 97.5 %. Answered in");
      assertThat(browser.text("curl")).contains("curl http://127.0.0.1:", "5.1");
      assertThat(browser.text("card")).contains("onnx");
      browser.when("document.getElementById('live').innerText.includes('1 answered')");
      assertThat(browser.complaints()).isEmpty();
      assertThat(browser.requests())
          .allSatisfy(url -> assertThat(url).startsWithIgnoringCase(address(runner)));
    }
  }

  @Test
  void isWholeAsSoonAsItIsLoadedAndAsksForTheModelOnlyWhenItIsAnother(@TempDir Path root)
      throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      browser.look(1280, 900, "light");
      browser.open(address(runner));

      assertThat(browser.evaluate("document.querySelectorAll('#fields input').length").asInt())
          .isEqualTo(4);
      assertThat(browser.evaluate("document.getElementById('send').disabled").asBoolean())
          .isFalse();
      assertThat(browser.text("signature")).contains("FP32");
      browser.when("document.getElementById('serving').innerText.trim() !== ''");
      assertThat(
              browser
                  .evaluate("performance.getEntriesByType('resource').map((e) => e.name).join()")
                  .asText())
          .contains("mlo/v1/page")
          .doesNotContain("mlo/v1/page/model");
    }
  }

  @ParameterizedTest
  @CsvSource({"1280,900,light", "1280,900,dark", "375,812,light", "320,640,dark"})
  void isReadableInEverySizeAndLight(int width, int height, String scheme, @TempDir Path root)
      throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      runner.caller.swap(ModelImage.onnx(Examples.iris("2.0.0"), "iris", "2.0.0"));
      runner.caller.swap(ModelImage.onnx(Examples.iris("wrong"), "iris", "3.0.0"));
      open(runner, width, height, scheme);
      browser.press("Enter", 0);
      answered();
      browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");

      browser.screenshot(SHOTS.resolve("iris-%d-%s.png".formatted(width, scheme)));

      assertThat(browser.evaluate("document.documentElement.scrollWidth - innerWidth").asInt())
          .isNotPositive();
      assertThat(browser.evaluate(FAINT)).as("too little contrast").isEmpty();
      assertThat(browser.evaluate(NAMELESS)).as("without a name").isEmpty();
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void saysAtTheFieldWhatIsWrongAndTakesTheNextTry(@TempDir Path root) throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      open(runner, 1000, 800, "light");
      browser.evaluate("document.getElementById('in0-2').select()");
      browser.evaluate("document.getElementById('in0-2').focus()");
      browser.type("tall");
      browser.press("Enter", 2);

      browser.when("document.querySelector('.errors .wrong')");
      assertThat(browser.text("in0")).contains("features, value 3: “tall” is not a number.");
      assertThat(browser.evaluate("document.activeElement.id").asText()).isEqualTo("in0-2");
      assertThat(
              browser
                  .evaluate(
                      "document.getElementById(document.activeElement.getAttribute("
                          + "'aria-describedby')).textContent")
                  .asText())
          .contains("not a number");
      browser.screenshot(SHOTS.resolve("error.png"));

      browser.evaluate("document.activeElement.select()");
      browser.type("1.4");
      browser.press("Enter", 0);
      answered();
      assertThat(browser.evaluate("document.querySelectorAll('[aria-invalid]').length").asInt())
          .isZero();
    }
  }

  @Test
  void isUsedByKeyboardAlone(@TempDir Path root) throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      open(runner, 1000, 800, "light");
      browser.when("document.activeElement.id === 'send'");
      for (int i = 0; i < 2; i++) {
        // Back over the one size button that is enabled, to the last value.
        browser.press("Tab", 8);
      }
      assertThat(browser.evaluate("document.activeElement.id").asText()).isEqualTo("in0-3");
      assertThat(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle").asText())
          .isEqualTo("solid");
      browser.type("1.8");
      browser.press("Enter", 0);
      answered();
      browser.when("document.getElementById('curl').innerText.includes('1.8')");
    }
  }

  @Test
  void drawsABatchAsATable(@TempDir Path root) throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      open(runner, 1000, 800, "dark");
      browser.evaluate("document.querySelector('[data-size=\"1\"]').click()");
      browser.evaluate("document.querySelector('[data-size=\"1\"]').click()");
      browser.press("Enter", 2);
      answered();

      assertThat(browser.evaluate("document.querySelectorAll('#answer tbody tr').length").asInt())
          .isEqualTo(3);
      assertThat(browser.evaluate("document.querySelectorAll('#answer td.best').length").asInt())
          .isEqualTo(3);
      browser.screenshot(SHOTS.resolve("batch.png"));
    }
  }

  @Test
  void showsAnImageAndTakesWhatIsDrawn(@TempDir Path root) throws Exception {
    try (Fixture runner =
        new Fixture(root, ModelImage.onnx(Examples.digits(), "digits", "1.0.0"), Map.of())) {
      open(runner, 1000, 800, "light");
      browser.when("document.querySelector('canvas')");
      assertThat(
              browser
                  .evaluate(
                      """
                      new Set(document.querySelector('canvas').getContext('2d')
                        .getImageData(0, 0, 8, 8).data).size
                      """)
                  .asInt())
          .isGreaterThan(5);
      browser.press("Enter", 0);
      answered();
      assertThat(browser.evaluate("document.querySelector('#answer .big').textContent").asText())
          .isEqualTo("7");
      browser.screenshot(SHOTS.resolve("image.png"));

      String before = browser.evaluate("document.getElementById('in0-0').value").asText();
      var canvas =
          browser.evaluate("document.querySelector('canvas').getBoundingClientRect().toJSON()");
      double left = canvas.path("left").asDouble();
      double top = canvas.path("top").asDouble();
      browser.drag(left + 4, top + 4, left + canvas.path("width").asDouble() / 3, top + 4);
      assertThat(browser.evaluate("document.getElementById('in0-0').value").asText())
          .startsWith("[16, 16, 16, 3")
          .isNotEqualTo(before);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void followsASwapAndKeepsWhatWasTyped(@TempDir Path root) throws Exception {
    try (Fixture runner = iris(root, Map.of())) {
      open(runner, 1280, 900, "light");
      browser.evaluate("document.getElementById('in0-0').select()");
      browser.evaluate("document.getElementById('in0-0').focus()");
      browser.type("6.25");

      var report = runner.caller.swap(ModelImage.onnx(Examples.iris("2.0.0"), "iris", "2.0.0"));

      assertThat(report.state()).isEqualTo(SwapState.COMMITTED);
      browser.when("document.getElementById('version').textContent === '2.0.0'");
      browser.when("document.getElementById('swaps').innerText.includes('1.0.0 → 2.0.0 serves')");
      assertThat(browser.text("serving")).contains("2.0.0", "active", "1.0.0", "previous");
      assertThat(browser.evaluate("document.getElementById('in0-0').value").asText())
          .isEqualTo("6.25");
      browser.press("Enter", 2);
      answered();
      assertThat(browser.text("answer")).contains("from version 2.0.0");
    }
  }

  @Test
  void comesBackByItselfWhenTheRunnerDoes(@TempDir Path one, @TempDir Path two) throws Exception {
    int port;
    try (Fixture runner = iris(one, Map.of())) {
      port = runner.service.httpPort();
      open(runner, 1000, 800, "light");
    }
    browser.when("document.getElementById('state').dataset.state === 'gone'");
    try (Fixture again = iris(two, Map.of("MLO_HTTP_PORT", String.valueOf(port)))) {
      assertThat(again.service.httpPort()).isEqualTo(port);
      browser.when("document.getElementById('state').dataset.state === 'ready'");
      browser.press("Enter", 2);
      answered();
    }
  }

  /// The element types of onnx.proto; an identity gives back what was typed, to the last digit.
  @ParameterizedTest
  @CsvSource({
    "1,FP32,0.1",
    "7,INT64,-9223372036854775808",
    "8,BYTES,<b>hello</b> wörld 🌍",
    "11,FP64,5e-324",
    "13,UINT64,18446744073709551615",
  })
  void sendsAndShowsAnyDatatype(int element, String name, String typed, @TempDir Path root)
      throws Exception {
    OnnxFile.write(root, OnnxFile.identity(element));
    try (Fixture runner = new Fixture(root, ModelImage.bare(root, "same"), Map.of())) {
      open(runner, 800, 800, "light");
      assertThat(browser.text("in0")).contains(name);
      browser.evaluate("document.getElementById('in0-0').select()");
      browser.evaluate("document.getElementById('in0-0').focus()");
      browser.type(typed);
      browser.press("Enter", 2);
      answered();

      assertThat(browser.evaluate("document.querySelector('#answer pre').textContent").asText())
          .contains(name.equals("FP64") ? "4.9E-324" : typed);
      assertThat(browser.evaluate("document.querySelector('#answer .big').textContent").asText())
          .isEqualTo(name.equals("FP64") ? "4.9407e-324" : typed);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  /// Names as long as they may be, without a place to break them.
  @ParameterizedTest
  @ValueSource(ints = {1280, 320})
  void isNoWiderThanItsWindowWhateverNamesThereAre(int width, @TempDir Path root) throws Exception {
    OnnxFile.write(root, OnnxFile.identity(1, "n".repeat(200), "m".repeat(200)));
    try (Fixture runner = new Fixture(root, ModelImage.bare(root, "long"), Map.of())) {
      open(runner, width, 800, "light");
      browser.press("Enter", 2);
      answered();

      assertThat(browser.evaluate("document.documentElement.scrollWidth - innerWidth").asInt())
          .isNotPositive();
    }
  }

  @Test
  void fillsTheFormWithZerosWhereThereIsNoExample(@TempDir Path root) throws Exception {
    try (Fixture runner =
        new Fixture(root, ModelImage.adding("1.0.0", 1).withoutExamples(), Map.of())) {
      open(runner, 1000, 800, "light");
      assertThat(browser.evaluate("document.getElementById('in0-0').value").asText())
          .isEqualTo("0");
      browser.press("Enter", 2);
      answered();
      assertThat(browser.evaluate("document.querySelector('#answer .big').textContent").asText())
          .isEqualTo("1");
    }
  }

  @Test
  void showsWhatACardSaysAsTextAndRunsNoneOfIt(@TempDir Path root) throws Exception {
    String evil = "<img src=x onerror=\"document.title='taken'\"><script>alert(1)</script>";
    ModelImage image = ModelImage.adding("1.0.0", 1).described(evil, Map.of(evil, evil));
    try (Fixture runner = new Fixture(root, image, Map.of())) {
      open(runner, 1000, 800, "light");

      assertThat(browser.text("about")).isEqualTo(evil);
      assertThat(browser.text("card")).contains(evil);
      assertThat(browser.evaluate("document.querySelectorAll('img, body script').length").asInt())
          .isZero();
      assertThat(browser.evaluate("document.title").asText()).isEqualTo("adder 1.0.0");
      assertThat(browser.complaints()).isEmpty();

      browser.evaluate(
          """
          new Promise((done) => {
            document.addEventListener('securitypolicyviolation', done, { once: true });
            document.body.insertAdjacentHTML('beforeend', '<img src="http://192.0.2.1/x.png">');
          })
          """);
      assertThat(browser.complaints()).as("the policy would have told").isNotEmpty();
    }
  }

  @Test
  void saysInWordsThatTheModelFailed(@TempDir Path root) throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      open(runner, 1000, 800, "light");
      browser.evaluate("document.getElementById('in0-0').select()");
      browser.evaluate("document.getElementById('in0-0').focus()");
      browser.type("-1");
      browser.press("Enter", 2);
      browser.when("!document.getElementById('wrong').hidden");
      assertThat(browser.text("wrong")).contains("The model failed on this request.", "broken");
      assertThat(browser.evaluate("document.getElementById('spoken').textContent").asText())
          .startsWith("The model failed");
    }
  }
}
