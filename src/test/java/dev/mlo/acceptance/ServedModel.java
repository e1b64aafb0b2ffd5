package dev.mlo.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelMetadataRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `mlo run` as a process that serves, and a client for it.
record ServedModel(Process process, String http, String grpc, String admin, String model)
    implements AutoCloseable {
  /// Starts `mlo run IMAGE` on free ports and waits until it has said where it serves.
  static ServedModel start(Mlo mlo, Path project, String image, String... options)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(mlo.command().toString());
    words.addAll(List.of("run", image, "--port", "0", "--admin-port", "0", "-o", "json"));
    words.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(words).directory(project.toFile());
    builder.environment().putAll(mlo.more());
    builder.environment().put("HOME", mlo.home().toString());
    builder.environment().put("XDG_CACHE_HOME", mlo.home().resolve(".cache").toString());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    var document = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      document.append(line).append('\n');
      if (line.equals("}")) {
        JsonNode said = new ObjectMapper().readTree(document.toString());
        return new ServedModel(
            process,
            said.path("http").asText(),
            said.path("grpc").asText(),
            said.path("admin").asText(),
            said.path("model").asText());
      }
    }
    throw new IllegalStateException("mlo run ended without serving: " + document);
  }

  HttpResponse<String> infer(HttpClient client, byte[] request)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(http + "/v2/models/" + model + "/infer"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(request))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// Which of the versions the gRPC port says is active, asked as a generated client asks.
  String grpcVersion() {
    ManagedChannel channel = NettyChannelBuilder.forTarget(grpc).usePlaintext().build();
    try {
      return GRPCInferenceServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build())
          .getVersions(0);
    } finally {
      channel.shutdownNow();
    }
  }

  /// Ends it as a service manager would.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
