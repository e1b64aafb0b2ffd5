package dev.mlo.runner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// A client of both ports, as a stranger would write it.
final class Caller implements AutoCloseable {
  static final String TOKEN = "the-token-of-this-test";

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String http;
  private final String admin;

  Caller(int http, int admin) {
    this.http = "http://127.0.0.1:" + http;
    this.admin = "http://127.0.0.1:" + admin;
  }

  record Answer(int status, String body, java.net.http.HttpHeaders headers) {
    JsonNode json() {
      try {
        return Json.parse(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      } catch (JsonFormatException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }

    String error() {
      return json().path("error").asText();
    }
  }

  HttpRequest.Builder http(String path) {
    return HttpRequest.newBuilder(URI.create(http + path)).timeout(Duration.ofSeconds(30));
  }

  HttpRequest.Builder admin(String path) {
    return HttpRequest.newBuilder(URI.create(admin + path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + TOKEN);
  }

  HttpRequest.Builder stranger(String path) {
    return HttpRequest.newBuilder(URI.create(admin + path)).timeout(Duration.ofSeconds(30));
  }

  Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body(), response.headers());
  }

  java.util.concurrent.CompletableFuture<Answer> sendAsync(HttpRequest.Builder request) {
    return client
        .sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(r -> new Answer(r.statusCode(), r.body(), r.headers()));
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send(http(path));
  }

  static String body(float x) {
    return "{\"id\":\"q\",\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[%s]}]}"
        .formatted(x);
  }

  HttpRequest.Builder inference(String path, String body) {
    return http(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  HttpRequest.Builder inference(float x) {
    return inference("/v2/models/adder/infer", body(x));
  }

  Answer infer(float x) throws IOException, InterruptedException {
    return send(inference(x));
  }

  Answer start(ModelImage image) throws IOException, InterruptedException {
    return post("/mlo/v1/swaps", Json.compact(image.request()));
  }

  Answer post(String path, byte[] body) throws IOException, InterruptedException {
    return send(
        admin(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  Answer upload(String digest, byte[] bytes) throws IOException, InterruptedException {
    return send(
        admin("/mlo/v1/blobs/" + digest).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  /// The whole protocol, to its end.
  SwapReport swap(ModelImage image) throws IOException, InterruptedException {
    Answer answer = start(image);
    if (answer.status() != 202 && answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
    SwapReport report = Json.convert(answer.json(), SwapReport.class);
    for (SwapReport.Blob blob : report.missing()) {
      upload(blob.digest(), image.layer());
    }
    return await(report.id());
  }

  SwapReport await(String id) throws IOException, InterruptedException {
    for (int i = 0; i < 50; i++) {
      SwapReport report = report(id, "?wait=10s");
      if (report.state().isTerminal()) {
        return report;
      }
    }
    throw new AssertionError("the swap does not end");
  }

  SwapReport awaitState(String id, SwapState state) throws IOException, InterruptedException {
    for (int i = 0; i < 50; i++) {
      SwapReport report = report(id, "?wait=100ms");
      if (report.state() == state) {
        return report;
      }
    }
    throw new AssertionError("the swap does not become " + state);
  }

  SwapReport report(String id, String query) throws IOException, InterruptedException {
    return Json.convert(send(admin("/mlo/v1/swaps/" + id + query)).json(), SwapReport.class);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
