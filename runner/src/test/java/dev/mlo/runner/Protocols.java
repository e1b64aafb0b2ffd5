package dev.mlo.runner;

import com.google.protobuf.ByteString;
import dev.mlo.contract.DataType;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorBytes;
import dev.mlo.contract.TensorJson;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import io.grpc.ManagedChannel;
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

/// One model asked by every form the protocol has.
final class Protocols implements AutoCloseable {
  /// The forms in which tensors travel.
  enum Form {
    JSON,
    BINARY,
    GRPC_RAW,
    GRPC_TYPED;

    /// Whether the protocol can say it in this form at all.
    boolean carries(List<Tensor> tensors) {
      return switch (this) {
        case BINARY, GRPC_RAW -> true;
        case GRPC_TYPED -> tensors.stream().noneMatch(t -> t.datatype() == DataType.FP16);
        case JSON -> tensors.stream().allMatch(Protocols::isJson);
      };
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManagedChannel channel;
  private final String base;
  private final String model;

  Protocols(Fixture runner, String model) {
    this.base = "http://127.0.0.1:" + runner.service.httpPort();
    this.model = model;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  List<Tensor> ask(Form form, List<Tensor> inputs) throws Exception {
    return switch (form) {
      case JSON -> json(inputs);
      case BINARY -> binary(inputs);
      case GRPC_RAW -> grpc(inputs, true);
      case GRPC_TYPED -> grpc(inputs, false);
    };
  }

  /// JSON has no infinities, no NaN, and no bytes that are no text.
  private static boolean isJson(Tensor tensor) {
    if (tensor instanceof Tensor.Strings strings) {
      return strings.elements().stream()
          .allMatch(bytes ->
              java.util.Arrays.equals(
                  new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8),
                  bytes));
    }
    ByteBuffer data = ((Tensor.Numbers) tensor).data();
    while (data.hasRemaining()) {
      boolean finite =
          switch (tensor.datatype()) {
            case FP16 -> Float.isFinite(Float.float16ToFloat(data.getShort()));
            case FP32 -> Float.isFinite(data.getFloat());
            case FP64 -> Double.isFinite(data.getDouble());
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> {
              data.position(data.limit());
              yield true;
            }
          };
      if (!finite) {
        return false;
      }
    }
    return true;
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(URI.create(base + "/v2/models/" + model + "/infer"));
  }

  private List<Tensor> json(List<Tensor> inputs) throws Exception {
    var body = new ByteArrayOutputStream();
    TensorJson.write(new InferenceRequest(null, null, inputs, List.of()), body);
    HttpResponse<byte[]> answer =
        http.send(
            request().POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    return TensorJson.outputs(ok(answer));
  }

  private static byte[] ok(HttpResponse<byte[]> answer) {
    if (answer.statusCode() != 200) {
      throw new AssertionError(
          answer.statusCode() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return answer.body();
  }

  private List<Tensor> binary(List<Tensor> inputs) throws Exception {
    var header = new StringBuilder("{\"parameters\":{\"binary_data_output\":true},\"inputs\":[");
    var bytes = new ByteArrayOutputStream();
    for (Tensor input : inputs) {
      byte[] data = bytes(input);
      header
          .append(header.charAt(header.length() - 1) == '[' ? "" : ",")
          .append(
              "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":%s,\"parameters\":{\"binary_data_size\":%d}}"
                  .formatted(input.name(), input.datatype(), input.shape(), data.length));
      bytes.writeBytes(data);
    }
    byte[] json = header.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(bytes.toByteArray());
    HttpResponse<byte[]> answer =
        http.send(
            request()
                .header("Content-Type", "application/octet-stream")
                .header("Inference-Header-Content-Length", Integer.toString(json.length))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    return binaryOutputs(answer);
  }

  private static List<Tensor> binaryOutputs(HttpResponse<byte[]> answer) throws Exception {
    byte[] body = ok(answer);
    int header =
        answer
            .headers()
            .firstValue("Inference-Header-Content-Length")
            .map(Integer::parseInt)
            .orElse(body.length);
    var json = dev.mlo.json.Json.parse(java.util.Arrays.copyOf(body, header));
    int at = header;
    var outputs = new ArrayList<Tensor>();
    for (var output : json.path("outputs")) {
      int size = output.at("/parameters/binary_data_size").asInt(-1);
      var lengths = new ArrayList<Long>();
      output.path("shape").forEach(length -> lengths.add(length.asLong()));
      outputs.add(
          TensorBytes.read(
              "output",
              output.path("name").asText(),
              DataType.parse(output.path("datatype").asText()),
              new Shape(lengths),
              ByteBuffer.wrap(body, at, size).slice()));
      at += size;
    }
    if (at != body.length) {
      throw new AssertionError((body.length - at) + " bytes are left");
    }
    return outputs;
  }

  private static byte[] bytes(Tensor tensor) {
    ByteBuffer data = TensorBytes.write(tensor);
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    return bytes;
  }

  private List<Tensor> grpc(List<Tensor> inputs, boolean raw) throws Exception {
    var request = ModelInferRequest.newBuilder().setModelName(model);
    for (Tensor input : inputs) {
      var described =
          request
              .addInputsBuilder()
              .setName(input.name())
              .setDatatype(input.datatype().name())
              .addAllShape(input.shape().dimensions());
      if (raw) {
        request.addRawInputContents(ByteString.copyFrom(bytes(input)));
      } else {
        described.setContents(contents(input));
      }
    }
    ModelInferResponse answer =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request.build());
    var outputs = new ArrayList<Tensor>();
    for (int i = 0; i < answer.getOutputsCount(); i++) {
      var output = answer.getOutputs(i);
      DataType datatype = DataType.parse(output.getDatatype());
      ByteBuffer data =
          answer.getRawOutputContentsCount() > 0
              ? answer.getRawOutputContents(i).asReadOnlyByteBuffer()
              : ByteBuffer.wrap(typed(datatype, output.getContents()));
      outputs.add(
          TensorBytes.read(
              "output", output.getName(), datatype, new Shape(output.getShapeList()), data));
    }
    return outputs;
  }

  private static InferTensorContents contents(Tensor tensor) {
    var contents = InferTensorContents.newBuilder();
    if (tensor instanceof Tensor.Strings strings) {
      strings.elements().forEach(e -> contents.addBytesContents(ByteString.copyFrom(e)));
      return contents.build();
    }
    ByteBuffer data = ((Tensor.Numbers) tensor).data();
    while (data.hasRemaining()) {
      switch (tensor.datatype()) {
        case BOOL -> contents.addBoolContents(data.get() == 1);
        case INT8 -> contents.addIntContents(data.get());
        case INT16 -> contents.addIntContents(data.getShort());
        case INT32 -> contents.addIntContents(data.getInt());
        case INT64 -> contents.addInt64Contents(data.getLong());
        case UINT8 -> contents.addUintContents(Byte.toUnsignedInt(data.get()));
        case UINT16 -> contents.addUintContents(Short.toUnsignedInt(data.getShort()));
        case UINT32 -> contents.addUintContents(data.getInt());
        case UINT64 -> contents.addUint64Contents(data.getLong());
        case FP32 -> contents.addFp32Contents(data.getFloat());
        case FP64 -> contents.addFp64Contents(data.getDouble());
        case FP16, BYTES -> throw new AssertionError(tensor.datatype());
      }
    }
    return contents.build();
  }

  private static byte[] typed(DataType datatype, InferTensorContents contents) {
    var out = new ByteArrayOutputStream();
    contents.getBoolContentsList().forEach(b -> out.write(b ? 1 : 0));
    contents.getIntContentsList().forEach(n -> put(out, n, datatype.width()));
    contents.getInt64ContentsList().forEach(n -> put(out, n, 8));
    contents.getUintContentsList().forEach(n -> put(out, n, datatype.width()));
    contents.getUint64ContentsList().forEach(n -> put(out, n, 8));
    contents.getFp32ContentsList().forEach(n -> put(out, Float.floatToRawIntBits(n), 4));
    contents.getFp64ContentsList().forEach(n -> put(out, Double.doubleToRawLongBits(n), 8));
    contents
        .getBytesContentsList()
        .forEach(bytes -> {
          put(out, bytes.size(), 4);
          out.writeBytes(bytes.toByteArray());
        });
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, long value, int width) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(bytes, 0, width);
  }

  @Override
  public void close() {
    http.shutdownNow();
    channel.shutdownNow();
  }
}
