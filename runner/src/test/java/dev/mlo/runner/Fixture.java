package dev.mlo.runner;

import dev.mlo.backend.onnx.OnnxBackend;
import dev.mlo.runner.fake.FakeBackend;
import dev.mlo.runner.model.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A runner in this process, on free ports of the loopback, with the fake engine.
final class Fixture implements AutoCloseable {
  final FakeBackend backend = new FakeBackend();
  final ByteArrayOutputStream err = new ByteArrayOutputStream();
  final Service service;
  final Caller caller;

  Fixture(Path root, ModelImage baked, Map<String, String> extra) throws Exception {
    Files.createDirectories(root);
    Path models = baked.writeTo(root.resolve("models"));
    Path token = root.resolve("token");
    Files.writeString(token, Caller.TOKEN + "\n");
    var environment = new HashMap<String, String>();
    environment.put("MLO_MODELS_DIR", models.toString());
    environment.put("MLO_STATE_DIR", root.resolve("state").toString());
    environment.put("MLO_HOST", "127.0.0.1");
    environment.put("MLO_HTTP_PORT", "0");
    environment.put("MLO_GRPC_PORT", "0");
    environment.put("MLO_ADMIN_PORT", "0");
    environment.put("MLO_ADMIN_TOKEN_FILE", token.toString());
    environment.putAll(extra);
    service =
        new Service(
            RunnerConfig.from(environment),
            Backends.of(List.of(backend, new OnnxBackend())),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      service.start();
    } catch (Exception e) {
      service.close();
      throw e;
    }
    caller = new Caller(service.httpPort(), service.adminPort());
  }

  static Fixture of(Path root) throws Exception {
    return new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of());
  }

  String log() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    backend.unblock();
    caller.close();
    service.close();
  }
}
