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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Good requests with something wrong in them, at random: none kills, hangs or costs more than
/// itself. `-Dmlo.fuzz.seconds=600` for as long as one likes, `-Dmlo.fuzz.seed=…` to see one again.
@Timeout(value = 2, unit = TimeUnit.HOURS)
class FuzzTest {
  /// For each kind of tensor.
  private static final long SECONDS = Long.getLong("mlo.fuzz.seconds", 1);

  /// Rounds, so that a slow machine sees good requests and bad ones as well.
  private static final int LEAST = 50;

  private static final long SEED = Long.getLong("mlo.fuzz.seed", System.nanoTime());

  /// What may be answered: the request was still good, it was refused, or the engine refused it.
  private static final Set<Integer> FINE = Set.of(200, 400, 404, 413, 415);

  private static final Set<Status.Code> FINE_GRPC =
      Set.of(Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);

  /// What the model takes and gives back: two elements.
  enum Kind {
    FP32(1, "[1.5e3,-0.0]", "[[1],[2]]") {
      @Override
      byte[] binary() {
        return new byte[8];
      }

      @Override
      void addTo(InferTensorContents.Builder contents) {
        contents.addFp32Contents(1).addFp32Contents(2);
      }
    },
    INT64(7, "[1,-9007199254740993]", "[[0],[1e2]]") {
      @Override
      byte[] binary() {
        return new byte[16];
      }

      @Override
      void addTo(InferTensorContents.Builder contents) {
        contents.addInt64Contents(1).addInt64Contents(-2);
      }
    },
    BOOL(9, "[true,false]", "[[1],[0]]") {
      @Override
      byte[] binary() {
        return new byte[] {1, 0};
      }

      @Override
      void addTo(InferTensorContents.Builder contents) {
        contents.addBoolContents(true).addBoolContents(false);
      }
    },
    BYTES(8, "[\"a\",\"\\ud83d\\ude00\"]", "[[\"\"],[\"\\u0000\"]]") {
      // Each element after its length, in four bytes.
      @Override
      byte[] binary() {
        return new byte[] {1, 0, 0, 0, 'a', 0, 0, 0, 0};
      }

      @Override
      void addTo(InferTensorContents.Builder contents) {
        contents.addBytesContents(ByteString.copyFromUtf8("a")).addBytesContents(ByteString.EMPTY);
      }
    };

    /// As ONNX counts them.
    final int type;

    private final String flat;
    private final String nested;

    Kind(int type, String flat, String nested) {
      this.type = type;
      this.flat = flat;
      this.nested = nested;
    }

    abstract byte[] binary();

    abstract void addTo(InferTensorContents.Builder contents);

    private String input() {
      return "\"name\":\"x\",\"shape\":[2],\"datatype\":\"" + name() + "\"";
    }

    List<String> bodies() {
      return List.of(
          "{\"id\":\"q\",\"inputs\":[{%s,\"data\":%s}]}".formatted(input(), flat),
          "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{%s,\"data\":%s}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":false}}]}"
              .formatted(input(), nested),
          "{\"inputs\":[{\"data\":%s,%s}]}".formatted(flat, input()));
    }

    String header() {
      return "{\"inputs\":[{%s,\"parameters\":{\"binary_data_size\":%d}}]}"
          .formatted(input(), binary().length);
    }
  }

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

  @ParameterizedTest
  @EnumSource
  void findsNothingThatKillsHangsOrLeaks(Kind kind) throws Exception {
    Path model = Files.createDirectory(root.resolve("model"));
    OnnxFile.write(model, OnnxFile.identity(kind.type));
    try (Fixture runner = new Fixture(root, ModelImage.bare(model, "identity"), Map.of());
        Http http = new Http(runner.service.httpPort());
        Grpc grpc = new Grpc(runner.service.grpcPort())) {
      long end = System.nanoTime() + SECONDS * 1_000_000_000L;
      long rounds = 0;
      while (System.nanoTime() < end || rounds < LEAST) {
        http.json(mutated(pick(kind.bodies()).getBytes(UTF_8)));
        http.binary(mutated(kind.header().getBytes(UTF_8)), maybe(kind.binary()));
        grpc.call(mutated(message(kind).toByteArray()));
        rounds++;
      }
      System.out.printf(
          "fuzz: seed %d, %s, %d rounds, HTTP %s, gRPC %s%n",
          SEED, kind, rounds, http.seen, grpc.seen);
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

  /// As it is, as a rule.
  private byte[] maybe(byte[] good) {
    return random.nextInt(4) > 0 ? good : mutated(good);
  }

  private ModelInferRequest message(Kind kind) {
    var message = ModelInferRequest.newBuilder().setModelName("identity").setId("q");
    var input = message.addInputsBuilder().setName("x").setDatatype(kind.name()).addShape(2);
    if (random.nextBoolean()) {
      message.addRawInputContents(ByteString.copyFrom(maybe(kind.binary())));
    } else {
      kind.addTo(input.getContentsBuilder());
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

    void binary(byte[] header, byte[] tensor) throws Exception {
      var body = new ByteArrayOutputStream();
      body.writeBytes(header);
      body.writeBytes(tensor);
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
