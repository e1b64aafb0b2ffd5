package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page is made of, as a client without a browser sees it.
class FrontPageTest {
  private static final Pattern PART = Pattern.compile("(?:src|href)=\"(mlo/page/[^\"]+)\"");
  private static final Pattern IMPORT = Pattern.compile("from '\\./([a-z]+\\.js)'");

  private static final Pattern BROUGHT =
      Pattern.compile("<script type=\"application/json\" id=\"brought\">(.*?)</script>");

  @TempDir Path root;

  private static ModelImage hostile() {
    return ModelImage.adding("1.0.0", 1)
        .described(
            "</p><script>alert(1)</script> \"'& {{version}} $1", Map.of("<b>", "</script><img>"));
  }

  @Test
  void saysWhoServesBeforeAnyScriptRanAndEscapesWhatTheCardSays() throws Exception {
    try (Fixture runner = new Fixture(root, hostile(), Map.of())) {
      var page = runner.caller.get("/");

      assertThat(page.status()).isEqualTo(200);
      assertThat(page.body())
          .contains("<title>adder 1.0.0</title>")
          .contains("&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#39;&amp; {{version}}")
          .doesNotContain("alert(1)</script>");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(page.headers().map())
          .containsKeys("x-content-type-options", "referrer-policy", "etag", "cache-control");
    }
  }

  @Test
  void bringsTheModelAlongOfWhichNothingEndsItsElement() throws Exception {
    try (Fixture runner = new Fixture(root, hostile(), Map.of())) {
      String page = runner.caller.get("/").body();

      Matcher brought = BROUGHT.matcher(page);
      assertThat(brought.find()).isTrue();
      JsonNode model = Json.parse(brought.group(1).getBytes(StandardCharsets.UTF_8));
      assertThat(model).isEqualTo(runner.caller.get("/mlo/v1/page/model").json());
      assertThat(model.at("/labels/<b>").asText()).isEqualTo("</script><img>");
      assertThat(page.split("</script>", -1)).hasSize(3);
    }
  }

  @Test
  void consistsOfItsOwnFilesOnlyAndIsSmall() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      String page = runner.caller.get("/").body();
      var parts = new TreeSet<String>();
      PART.matcher(page).results().forEach(found -> parts.add(found.group(1)));
      for (String script : parts.toArray(String[]::new)) {
        addImports(runner, script, parts);
      }

      assertThat(parts).hasSizeGreaterThan(4);
      assertThat(page).doesNotContain("<style", " style=").doesNotContainPattern("\\son[a-z]+=");
      long sent = 0;
      for (String part : parts) {
        var file = runner.caller.get("/" + part);
        assertThat(file.status()).as(part).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type").orElse(""))
            .startsWith(part.endsWith(".css") ? "text/css" : "text/javascript");
        assertThat(file.body().replace("http://www.w3.org/2000/svg", ""))
            .as(part)
            .doesNotContain("http://", "https://", "innerHTML", "eval(", "@import");
        sent += zipped(runner, "/" + part);
      }
      assertThat(sent + zipped(runner, "/")).as("bytes on the wire").isLessThan(40_000);
    }
  }

  private static void addImports(Fixture runner, String script, Set<String> parts)
      throws Exception {
    Matcher imports = IMPORT.matcher(runner.caller.get("/" + script).body());
    while (imports.find()) {
      if (parts.add("mlo/page/" + imports.group(1))) {
        addImports(runner, "mlo/page/" + imports.group(1), parts);
      }
    }
  }

  private static long zipped(Fixture runner, String path) throws Exception {
    var answer = runner.caller.send(runner.caller.http(path).header("Accept-Encoding", "gzip"));
    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    return answer.headers().firstValueAsLong("Content-Length").orElseThrow();
  }

  @Test
  void sendsNothingAgainThatTheBrowserHas() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      for (String path : new String[] {"/", "/mlo/page/page.js", "/openapi.json"}) {
        String tag = runner.caller.get(path).headers().firstValue("ETag").orElseThrow();
        var again = runner.caller.send(runner.caller.http(path).header("If-None-Match", tag));
        assertThat(again.status()).as(path).isEqualTo(304);
        assertThat(again.body()).isEmpty();
      }
      String before = runner.caller.get("/").headers().firstValue("ETag").orElseThrow();
      runner.caller.swap(ModelImage.adding("2.0.0", 2));
      var after = runner.caller.send(runner.caller.http("/").header("If-None-Match", before));
      assertThat(after.status()).isEqualTo(200);
      assertThat(after.body()).contains("adder 2.0.0");
    }
  }

  @Test
  void knowsNoOtherFile() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      for (String name : new String[] {"index.html", "..%2fversion", "FrontPage.class", ""}) {
        assertThat(runner.caller.get("/mlo/page/" + name).status()).as(name).isIn(400, 404);
      }
    }
  }

  @Test
  void givesTheModelsCardAndItsExample() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      JsonNode model = runner.caller.get("/mlo/v1/page/model").json();

      assertThat(model.path("name").asText()).isEqualTo("adder");
      assertThat(model.at("/inputs/0/datatype").asText()).isEqualTo("FP32");
      assertThat(model.at("/examples/0/request/inputs/0/data/0").asInt()).isEqualTo(1);
      assertThat(model.at("/examples/0/outputs/0/data/0").asInt()).isEqualTo(2);
    }
  }

  @Test
  void countsWhatIsAskedAndHowLongItTakes() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      runner.caller.infer(1);
      runner.caller.infer(-1);
      runner.caller.send(runner.caller.inference("/v2/models/adder/infer", "{"));

      JsonNode minute = runner.caller.get("/mlo/v1/page").json().path("minute");

      assertThat(minute.at("/codes/ok").asInt()).isEqualTo(1);
      assertThat(minute.at("/codes/client_error").asInt()).isEqualTo(1);
      assertThat(minute.at("/codes/model_error").asInt()).isEqualTo(1);
      assertThat(minute.path("p50").asDouble()).isPositive();
      assertThat(minute.path("ok")).hasSize(60);
    }
  }

  @Test
  void tellsTheSwapsButNothingThatTheAdminPortProtects() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      runner.caller.swap(ModelImage.adding("2.0.0", 2));
      runner.caller.swap(ModelImage.wrong("3.0.0"));
      runner.caller.post("/mlo/v1/rollback", new byte[0]);

      var answer = runner.caller.get("/mlo/v1/page");

      JsonNode state = answer.json();
      assertThat(state.path("state").asText()).isEqualTo("ready");
      assertThat(state.at("/active/version").asText()).isEqualTo("1.0.0");
      assertThat(state.at("/previous/version").asText()).isEqualTo("2.0.0");
      assertThat(state.path("generation").asInt()).isEqualTo(3);
      assertThat(StreamSupport.stream(state.path("swaps").spliterator(), false))
          .extracting(swap ->
              "%s %s %s %s"
                  .formatted(
                      swap.path("from").asText(),
                      swap.path("to").asText(),
                      swap.path("result").asText(),
                      swap.path("code").asText()))
          .containsExactly(
              "2.0.0 1.0.0 rolled_back ",
              "2.0.0 3.0.0 failed selftest_mismatch",
              "1.0.0 2.0.0 committed ");
      assertThat(answer.body())
          .doesNotContain("a test", root.toString(), Caller.TOKEN, "adder:2.0.0");
    }
  }
}
