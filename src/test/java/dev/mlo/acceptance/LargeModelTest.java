package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A model whose weights lie beside it in a file of more than two gibibytes, over which 32 bits
/// would stumble. Takes minutes and twelve gigabytes of disk, so only with `-Dmlo.large=true`.
@ExtendWith(Installed.class)
@EnabledIfSystemProperty(named = "mlo.large", matches = "true")
class LargeModelTest {
  private static final int WIDTH = 1024;
  private static final int ROWS = 537_600;
  private static final long BYTES = 4L * WIDTH * ROWS;

  /// Picks rows of a table: what `rows` asks for, `picked` holds.
  private static final String MODEL =
      """
      import sys
      from onnx import TensorProto, checker, helper
      rows, width = int(sys.argv[1]), int(sys.argv[2])
      table = TensorProto(name='table', data_type=TensorProto.FLOAT, dims=[rows, width])
      table.data_location = TensorProto.EXTERNAL
      for key, value in (('location', 'weights.bin'), ('offset', '0'), ('length', str(rows * width * 4))):
          table.external_data.add(key=key, value=value)
      graph = helper.make_graph(
          [helper.make_node('Gather', ['table', 'rows'], ['picked'])], 'table',
          [helper.make_tensor_value_info('rows', TensorProto.INT64, [None])],
          [helper.make_tensor_value_info('picked', TensorProto.FLOAT, [None, width])], [table])
      model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)
      open('model.onnx', 'wb').write(model.SerializeToString())
      """;

  @TempDir Path folder;

  private static Outcome done(Mlo mlo, String... words) {
    Outcome outcome = mlo.start(words).outcome(Duration.ofMinutes(10));
    assertThat(outcome.exit()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  private static void lay(Path project) throws IOException {
    Path model = Files.createDirectories(project.resolve("model"));
    List<String> python =
        List.of("/usr/bin/python3", "-c", MODEL, String.valueOf(ROWS), String.valueOf(WIDTH));
    Outcome made = Installed.start(python, model, Map.of()).outcome(Duration.ofMinutes(1));
    assumeTrue(made.exit() == 0, "the package python3-onnx is missing: " + made.stderr());
    try (FileChannel weights =
        FileChannel.open(
            model.resolve("weights.bin"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 42.5f);
      assertThat(weights.write(last, BYTES - 4)).isEqualTo(4);
    }
    Files.writeString(project.resolve("mlops.yaml"), "name: table\nversion: 1.0.0\nmodel: model\n");
  }

  @Test
  void itIsBuiltPushedPulledAndServed(Mlo user) throws Exception {
    Path project = folder.resolve("here");
    lay(project);
    Mlo mlo = user.in(project);
    String built = done(mlo, "build", "-q").word();
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Mlo there = user.in(elsewhere);
    try (LocalRegistry registry = LocalRegistry.start(folder.resolve("registry"))) {
      String name = registry.host() + "/ml/table:1.0.0";
      done(mlo, "push", "table:1.0.0", name);
      assertThat(done(there, "pull", "-q", name).word()).isEqualTo(built);
    }
    try (ServedModel served = ServedModel.start(there, elsewhere, "table:1.0.0");
        HttpClient client = HttpClient.newHttpClient()) {
      String request =
          """
          {"inputs": [{"name": "rows", "datatype": "INT64", "shape": [1], "data": [%d]}]}
          """
              .formatted(ROWS - 1);
      HttpResponse<String> answer = served.infer(client, request.getBytes(StandardCharsets.UTF_8));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      var picked = new ObjectMapper().readTree(answer.body()).at("/outputs/0/data");
      assertThat(picked).hasSize(WIDTH);
      assertThat(picked.path(WIDTH - 1).asDouble()).isEqualTo(42.5);
      assertThat(picked.path(0).asDouble()).isZero();
    }
  }
}
