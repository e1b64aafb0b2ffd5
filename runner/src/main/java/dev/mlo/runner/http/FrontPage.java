package dev.mlo.runner.http;

import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a person sees who opens the port in a browser.
final class FrontPage {
  private final Slot slot;

  FrontPage(Slot slot) {
    this.slot = slot;
  }

  void show(Exchange exchange) {
    Serving serving = slot.serving(Role.ACTIVE);
    String what = serving == null ? "no model yet" : serving.model() + " " + serving.version();
    String links =
        serving == null
            ? ""
            : """
            <li><a href="/v2/models/%1$s">/v2/models/%2$s</a> inputs and outputs
            <li>POST /v2/models/%2$s/infer
            """
                .formatted(
                    URLEncoder.encode(serving.model(), StandardCharsets.UTF_8),
                    escaped(serving.model()));
    String page =
        """
        <!doctype html>
        <meta charset="utf-8">
        <title>%1$s</title>
        <h1>%1$s</h1>
        <p>%2$s</p>
        <ul>
        <li><a href="/v2">/v2</a> this server
        %3$s<li><a href="/v2/health/ready">/v2/health/ready</a>
        </ul>
        """
            .formatted(escaped(what), serving == null ? "" : serving.modelDigest(), links);
    exchange.send(
        200,
        "text/html; charset=utf-8",
        page.getBytes(StandardCharsets.UTF_8),
        Map.of(
            "Content-Security-Policy", "default-src 'none'", "X-Content-Type-Options", "nosniff"));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
