import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelInferRequest;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Asks one model as fast as it answers, and prints the answers per second: `java -cp RUNNER/*
/// ServeLoad.java FORM HTTP GRPC MODEL ROWS COLUMNS… CLIENTS SECONDS`, where FORM is `json`,
/// `binary` or `grpc` and the shape is the rows and the columns.
public final class ServeLoad {
  public static void main(String[] words) throws Exception {
    String form = words[0];
    String http = words[1];
    String grpc = words[2];
    String model = words[3];
    long[] shape =
        java.util.Arrays.stream(words[4].split("x")).mapToLong(Long::parseLong).toArray();
    int clients = Integer.parseInt(words[5]);
    double seconds = Double.parseDouble(words[6]);
    int elements = (int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = ThreadLocalRandom.current().nextFloat();
    }
    List<Callable<Void>> callers = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      callers.add(
          switch (form) {
            case "json" -> http(http, model, json(values, shape), -1);
            case "binary" -> {
              byte[] header = header(shape, elements * 4).getBytes(StandardCharsets.UTF_8);
              var body = new ByteArrayOutputStream();
              body.writeBytes(header);
              body.writeBytes(bytes(values));
              yield http(http, model, body.toByteArray(), header.length);
            }
            case "grpc" -> grpc(grpc, model, values, shape);
            default -> throw new IllegalArgumentException(form);
          });
    }
    run(callers, Math.min(3, seconds));
    System.out.printf("%.2f%n", run(callers, seconds));
  }

  private static double run(List<Callable<Void>> callers, double seconds) throws Exception {
    AtomicLong answers = new AtomicLong();
    long begin = System.nanoTime();
    long end = begin + (long) (seconds * 1e9);
    var threads = new ArrayList<Thread>();
    var failure = new Throwable[1];
    for (Callable<Void> caller : callers) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (System.nanoTime() < end) {
                    caller.call();
                    answers.incrementAndGet();
                  }
                } catch (Throwable e) {
                  failure[0] = e;
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure[0] != null) {
      throw new IllegalStateException(failure[0]);
    }
    return answers.get() / ((System.nanoTime() - begin) / 1e9);
  }

  private static String shown(long[] shape) {
    return java.util.Arrays.toString(shape).replace(" ", "");
  }

  private static byte[] json(float[] values, long[] shape) {
    var text =
        new StringBuilder("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":")
            .append(shown(shape))
            .append(",\"data\":[");
    for (int i = 0; i < values.length; i++) {
      text.append(i == 0 ? "" : ",").append(values[i]);
    }
    return text.append("]}]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String header(long[] shape, int size) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":%s,\"parameters\":{\"binary_data_size\":%d}}]}"
        .formatted(shown(shape), size);
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static Callable<Void> http(String base, String model, byte[] body, int header) {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    var request =
        HttpRequest.newBuilder(URI.create(base + "/v2/models/" + model + "/infer"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (header >= 0) {
      request.header("Inference-Header-Content-Length", Integer.toString(header));
    }
    HttpRequest ready = request.build();
    return () -> {
      HttpResponse<byte[]> answer = client.send(ready, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(
            answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
      }
      return null;
    };
  }

  private static Callable<Void> grpc(String address, String model, float[] values, long[] shape) {
    var stub =
        GRPCInferenceServiceGrpc.newBlockingStub(
            NettyChannelBuilder.forTarget(address).usePlaintext().build());
    var request = ModelInferRequest.newBuilder().setModelName(model);
    var input = request.addInputsBuilder().setName("x").setDatatype("FP32");
    for (long length : shape) {
      input.addShape(length);
    }
    request.addRawInputContents(ByteString.copyFrom(bytes(values)));
    ModelInferRequest ready = request.build();
    return () -> {
      stub.modelInfer(ready);
      return null;
    };
  }
}
