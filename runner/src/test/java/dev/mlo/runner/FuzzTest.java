package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.mlo.backend.onnx.OnnxFile;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Good requests with something wrong in them, at random: none kills, hangs or costs more than
/// itself. `-Dmlo.fuzz.seconds=600` for as long as one likes, `-Dmlo.fuzz.seed=…` to see one again.
@Timeout(value = 2, unit = TimeUnit.HOURS)
class FuzzTest {
  private static final long SECONDS = Long.getLong("mlo.fuzz.seconds", 3);
  private static final long SEED = Long.getLong("mlo.fuzz.seed", System.nanoTime());

  /// What may be answered: the request was still good, it was refused, or the engine refused it.
  private static final Set<Integer> FINE = Set.of(200, 400, 404, 413, 415);

  private static final Set<Status.Code> FINE_GRPC =
      Set.of(Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);

  private static final List<String> BODIES =
      List.of(
          "{\"id\":\"q\",\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1.5e3,-0.0]}]}",
          "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[[1],[2]]}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":false}}]}",
          "{\"inputs\":[{\"data\":[0,1],\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\"}]}");

  private static final String HEADER =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":8}}]}";

  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "null",
          "true",
          "-1",
          "1e999",
          "9223372036854775807",
          "18446744073709551616",
          "4294967296",
          "\\ud800",
          "\u0000",
          "BYTES",
          "BOOL",
          "UINT64",
          "binary_data_size",
          "shape",
          "\ufeff",
          "[[[[[[[[",
          "0.1",
          "NaN");

  @TempDir Path root;
  private final Random random = new Random(SEED);

  @Test
  void findsNothingThatKillsHangsOrLeaks() throws Exception {
    Path model = Files.createDirectory(root.resolve("model"));
    OnnxFile.write(model, OnnxFile.identity(1));
    try (Fixture runner = new Fixture(root, ModelImage.bare(model, "identity"), Map.of());
        Http http = new Http(runner.service.httpPort());
        Grpc grpc = new Grpc(runner.service.grpcPort())) {
      long end = System.nanoTime() + SECONDS * 1_000_000_000L;
      long rounds = 0;
      while (System.nanoTime() < end) {
        http.json(mutated(pick(BODIES).getBytes(UTF_8)));
        http.binary(mutated(HEADER.getBytes(UTF_8)), random.nextInt(4) > 0);
        grpc.call(mutated(message().toByteArray()));
        rounds++;
      }
      System.out.printf(
          "fuzz: seed %d, %d rounds, HTTP %s, gRPC %s%n", SEED, rounds, http.seen, grpc.seen);
      assertThat(http.seen.keySet()).isSubsetOf(FINE).contains(200, 400);
      assertThat(grpc.seen.keySet()).isSubsetOf(FINE_GRPC).contains(Status.Code.OK);

      assertThat(runner.caller.get("/v2/health/ready").status()).isEqualTo(200);
      String metrics = runner.caller.send(runner.caller.stranger("/metrics")).body();
      assertThat(metrics)
          .contains("mlo_inference_in_flight 0.0")
          .contains("mlo_inference_queue_size 0.0")
          .contains("mlo_request_body_bytes 0.0")
          .doesNotContain("code=\"internal\"");
    }
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /// A few changes at random places: bytes flipped, left out, doubled, or a token put in.
  private byte[] mutated(byte[] good) {
    byte[] bytes = good;
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(bytes.length + 1);
      int to = Math.min(bytes.length, at + random.nextInt(1 + bytes.length / 4));
      var changed = new ByteArrayOutputStream();
      changed.write(bytes, 0, at);
      switch (random.nextInt(4)) {
        case 0 -> changed.write(random.nextInt(256));
        case 1 -> changed.write(bytes, at, to - at);
        case 2 -> changed.writeBytes(pick(TOKENS).getBytes(UTF_8));
        default -> to = at;
      }
      int rest = random.nextBoolean() ? at : to;
      changed.write(bytes, rest, bytes.length - rest);
      bytes = changed.size() == 0 ? new byte[] {(byte) random.nextInt(256)} : changed.toByteArray();
    }
    return bytes;
  }

  private ModelInferRequest message() {
    var message = ModelInferRequest.newBuilder().setModelName("identity").setId("q");
    var input = message.addInputsBuilder().setName("x").setDatatype("FP32").addShape(2);
    if (random.nextBoolean()) {
      message.addRawInputContents(ByteString.copyFrom(new byte[8]));
    } else {
      input.setContents(InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2));
    }
    return message.build();
  }

  /// REST, and how often each status was seen.
  private static final class Http implements AutoCloseable {
    final Map<Integer, Integer> seen = new HashMap<>();
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;

    Http(int port) {
      url = URI.create("http://127.0.0.1:" + port + "/v2/models/identity/infer");
    }

    void json(byte[] body) throws Exception {
      send(HttpRequest.newBuilder(url), body);
    }

    void binary(byte[] header, boolean whole) throws Exception {
      var body = new ByteArrayOutputStream();
      body.writeBytes(header);
      body.writeBytes(new byte[whole ? 8 : 7]);
      send(
          HttpRequest.newBuilder(url)
              .header("Inference-Header-Content-Length", Integer.toString(header.length)),
          body.toByteArray());
    }

    private void send(HttpRequest.Builder request, byte[] body) throws Exception {
      HttpResponse<byte[]> answer =
          client.send(
              request
                  .timeout(Duration.ofSeconds(20))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      seen.merge(answer.statusCode(), 1, Integer::sum);
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }

  /// gRPC with messages that need be none.
  private static final class Grpc implements AutoCloseable {
    final Map<Status.Code, Integer> seen = new EnumMap<>(Status.Code.class);
    private final ManagedChannel channel;
    private final MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setFullMethodName(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    Grpc(int port) {
      channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    void call(byte[] message) {
      Status.Code code = Status.Code.OK;
      try {
        ClientCalls.blockingUnaryCall(
            channel,
            method,
            CallOptions.DEFAULT.withDeadlineAfter(20, java.util.concurrent.TimeUnit.SECONDS),
            message);
      } catch (StatusRuntimeException e) {
        code = e.getStatus().getCode();
      }
      seen.merge(code, 1, Integer::sum);
    }

    @Override
    public void close() {
      channel.shutdownNow();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
      @Override
      public InputStream stream(byte[] value) {
        return new ByteArrayInputStream(value);
      }

      @Override
      public byte[] parse(InputStream stream) {
        try {
          return stream.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
