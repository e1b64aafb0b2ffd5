package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Serving;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.slot.Lease;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.Swaps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The page for people at `/`, what it is made of, and what it reads; and the description of the
/// REST interface for programs. All of it comes from the image: the page asks no other host.
public final class FrontPage {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String JSON = "application/json";

  private static final Map<String, String> FILES =
      Map.of(
          "page.css", "text/css; charset=utf-8",
          "page.js", "text/javascript; charset=utf-8",
          "form.js", "text/javascript; charset=utf-8",
          "answer.js", "text/javascript; charset=utf-8",
          "live.js", "text/javascript; charset=utf-8",
          "dom.js", "text/javascript; charset=utf-8");

  private static final Map<String, String> GUARD =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
              + " 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Referrer-Policy",
          "no-referrer",
          "X-Frame-Options",
          "DENY",
          "Cross-Origin-Opener-Policy",
          "same-origin");

  private static final Pattern PLACE = Pattern.compile("\\{\\{(title|name|version|about|model)}}");

  private final Slot slot;
  private final PageState state;
  private final String runnerVersion;
  private final Map<String, Document> files = new ConcurrentHashMap<>();
  private volatile @Nullable Described described;

  /// The documents about one version, made when somebody first asks.
  private record Described(
      long generation, List<String> versions, Document page, Document model, Document api) {}

  public FrontPage(Slot slot, Swaps swaps, Metrics metrics, String runnerVersion) {
    this.slot = slot;
    this.state = new PageState(slot, swaps, metrics);
    this.runnerVersion = runnerVersion;
  }

  private static byte[] resource(String name) {
    try (InputStream in = FrontPage.class.getResourceAsStream("page/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/", this::show),
        Route.of("GET", "/mlo/page/{file}", this::file),
        Route.of("GET", "/mlo/v1/page", this::state),
        Route.of("GET", "/mlo/v1/page/model", this::model),
        Route.of("GET", "/openapi.json", this::api));
  }

  private void file(Exchange exchange) throws HttpRefusal {
    String name = exchange.path("file");
    String type = FILES.get(name);
    if (type == null) {
      throw new HttpRefusal(404, "not_found", "the page has no such file");
    }
    files.computeIfAbsent(name, _ -> new Document(type, resource(name))).send(exchange, Map.of());
  }

  private void state(Exchange exchange) {
    exchange.send(200, JSON, Json.compact(state.now()), Map.of("Cache-Control", "no-store"));
  }

  private void model(Exchange exchange) throws HttpRefusal {
    described()
        .map(Described::model)
        .orElseThrow(() -> HttpRefusal.later(503, "not_ready", "no model is loaded yet"))
        .send(exchange, Map.of());
  }

  private void api(Exchange exchange) {
    described()
        .map(Described::api)
        .orElseGet(() -> json(OpenApi.withoutModel(runnerVersion)))
        .send(exchange, Map.of());
  }

  /// Made anew after a flip, and when a version came or went beside the active one.
  private Optional<Described> described() {
    try (Lease lease = slot.lease().orElse(null)) {
      if (lease == null) {
        return Optional.empty();
      }
      List<String> versions = slot.loaded().stream().map(Serving::version).distinct().toList();
      Described known = described;
      if (known == null
          || known.generation != lease.serving().generation()
          || !known.versions.equals(versions)) {
        ObjectNode model = PageModel.of(lease, runnerVersion);
        known =
            new Described(
                lease.serving().generation(),
                versions,
                page(lease.card(), model),
                json(model),
                json(new OpenApi(lease, versions, runnerVersion).document()));
        described = known;
      }
      return Optional.of(known);
    }
  }

  private static Document json(ObjectNode content) {
    return new Document(JSON, Json.compact(content));
  }

  private void show(Exchange exchange) {
    described()
        .map(Described::page)
        .orElseGet(() -> html(Map.of("title", "no model yet", "name", "No model yet")))
        .send(exchange, GUARD);
  }

  /// The page brings the model along, so that it is whole when it is first drawn; and nothing that
  /// changes from moment to moment, so that a browser that has it need not be sent it again.
  private static Document page(ModelCard card, ObjectNode model) {
    return html(
        Map.of(
            "title", escaped(card.name() + " " + card.version()),
            "name", escaped(card.name()),
            "version", escaped(card.version()),
            "about", escaped(Objects.requireNonNullElse(card.description(), "")),
            "model", inScript(Json.compact(model))));
  }

  /// @param values as they are to stand in the page
  private static Document html(Map<String, String> values) {
    String page =
        PLACE
            .matcher(new String(resource("index.html"), StandardCharsets.UTF_8))
            .replaceAll(place -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), "")));
    return new Document(HTML, page.getBytes(StandardCharsets.UTF_8));
  }

  /// In JSON a `<` is part of a string and may be written in another way; then nothing in it ends
  /// the element it stands in.
  private static String inScript(byte[] json) {
    return new String(json, StandardCharsets.UTF_8).replace("<", "\\u003c");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
