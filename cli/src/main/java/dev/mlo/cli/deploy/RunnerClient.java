package dev.mlo.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.ErrorReply;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapRequest;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The admin API of one runner. Whoever answers is a stranger until its answer has the form of a
/// runner's: nothing else in it is believed, or sent anywhere.
final class RunnerClient implements AutoCloseable {
  private static final Pattern SWAP_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final String SWAPS = "/mlo/v1/swaps";

  private final URI url;
  private final RunnerFailures failures;
  private final Wire wire;

  RunnerClient(RunnerTarget target) {
    this(target, Wire.Limits.DEFAULT);
  }

  RunnerClient(RunnerTarget target, Wire.Limits limits) {
    this.url = target.admin();
    this.failures = new RunnerFailures(url, target.token() != null);
    this.wire = new Wire(target, limits);
  }

  URI url() {
    return url;
  }

  RunnerStatus status() throws InterruptedException {
    try {
      JsonNode node = accept(wire.get("/mlo/v1/status"));
      if (!node.path("runner").isTextual() || !node.path("generation").isIntegralNumber()) {
        throw failures.stranger("its status says neither `runner` nor `generation`");
      }
      ObjectNode status = (ObjectNode) node;
      defaults(status, "formats");
      if (status.path("swap") instanceof ObjectNode swap) {
        defaults(swap, "missing");
      }
      return Json.convert(status, RunnerStatus.class);
    } catch (RefusedException e) {
      throw e.status() == 404 && isInferencePort()
          ? failures.inferencePort()
          : failures.stranger(e.reason());
    } catch (IOException e) {
      throw failures.lost(e);
    }
  }

  /// Asks for a swap.
  ///
  /// @throws RefusedException 409 another one runs, 412 the generation moved on, 422 and 507 it
  ///   will not have this model
  SwapReport start(SwapRequest request) throws RefusedException, InterruptedException {
    return report(() -> wire.post(SWAPS, Json.compact(request)));
  }

  /// @param wait how long the runner may hold its answer back until the state changes
  SwapReport swap(String id, Duration wait) throws RefusedException, InterruptedException {
    String query = wait.isZero() ? "" : "?wait=" + wait.toSeconds() + "s";
    return report(() -> wire.get(SWAPS + "/" + id + query, wait));
  }

  /// @throws RefusedException 409 it is too late
  SwapReport abort(String id) throws RefusedException, InterruptedException {
    return report(() -> wire.post(SWAPS + "/" + id + "/abort", new byte[0]));
  }

  /// Sends a layer from a store that checks the bytes while they are read.
  ///
  /// @param progress told how many bytes were handed to the network
  /// @throws RefusedException 422 the runner counted other bytes
  /// @throws OciException the store's copy is damaged
  void upload(Descriptor layer, ImageSource source, LongConsumer progress)
      throws RefusedException, OciException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        uploadOnce(layer, source, progress);
        return;
      } catch (DigestMismatchException e) {
        again(layer, source, attempt, e);
      }
    }
  }

  /// The runner keeps nothing of a layer that did not come whole.
  private static void again(
      Descriptor layer, ImageSource source, int attempt, DigestMismatchException failure)
      throws OciException, InterruptedException {
    try {
      source.again(layer, attempt, failure);
    } catch (OciException e) {
      throw e;
    } catch (IOException e) {
      var _ = Thread.interrupted();
      throw (InterruptedException) new InterruptedException().initCause(e);
    }
  }

  private void uploadOnce(Descriptor layer, ImageSource source, LongConsumer progress)
      throws RefusedException, OciException, InterruptedException {
    try (InputStream in = source.blob(layer)) {
      Wire.Answer answer = wire.put("/mlo/v1/blobs/" + layer.digest(), in, layer.size(), progress);
      if (answer.status() / 100 != 2) {
        accept(answer);
      }
    } catch (IOException e) {
      for (Throwable t = e; t != null; t = t.getCause()) {
        if (t instanceof OciException damaged) {
          throw damaged;
        }
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw failures.lost(e);
    }
  }

  /// Back to the version before.
  ///
  /// @throws RefusedException there is none
  Serving rollback() throws RefusedException, InterruptedException {
    try {
      JsonNode node = accept(wire.post("/mlo/v1/rollback", new byte[0]));
      if (!node.path("model").isTextual() || !node.path("version").isTextual()) {
        throw failures.stranger("it does not say what it serves after the rollback");
      }
      return Json.convert(node, Serving.class);
    } catch (IOException e) {
      throw failures.lost(e);
    }
  }

  private interface Call {
    Wire.Answer send() throws IOException, InterruptedException;
  }

  private SwapReport report(Call call) throws RefusedException, InterruptedException {
    try {
      JsonNode node = accept(call.send());
      if (!SWAP_ID.matcher(node.path("id").asText()).matches() || !node.path("state").isTextual()) {
        throw failures.stranger("its answer says neither `id` nor `state` of a swap");
      }
      ObjectNode swap = (ObjectNode) node;
      defaults(swap, "missing");
      if (!swap.path("timings").isObject()) {
        swap.putObject("timings");
      }
      return Json.convert(swap, SwapReport.class);
    } catch (IOException e) {
      throw failures.lost(e);
    }
  }

  private static void defaults(ObjectNode node, String list) {
    if (!node.path(list).isArray()) {
      node.putArray(list);
    }
  }

  /// The JSON object of a good answer.
  private JsonNode accept(Wire.Answer answer) throws RefusedException {
    @Nullable JsonNode node = json(answer.body());
    int status = answer.status();
    if (status / 100 == 2) {
      if (node == null) {
        throw failures.stranger(
            "it answers %d with something that is no JSON object".formatted(status));
      }
      return node;
    }
    @Nullable ErrorReply reply = error(node);
    String said = reply == null ? "HTTP status " + status : reply.error();
    throw switch (status) {
      case 401, 403 -> failures.denied(said);
      case 400, 404, 409, 410, 412, 422, 507 -> {
        if (reply == null) {
          throw failures.stranger("it answers " + status + " without a runner's error message");
        }
        throw new RefusedException(status, said, reply.code(), reply.serving());
      }
      case 500, 502, 503, 504 ->
          Failure.of(ExitCode.NETWORK, "`%s` cannot answer now".formatted(url))
              .why(said)
              .hint("look at the runner's own output, then run the command again");
      default -> failures.stranger("it answers with HTTP status " + status);
    };
  }

  private static @Nullable JsonNode json(byte[] body) {
    try {
      JsonNode node = Json.parse(body);
      return node.isObject() ? node : null;
    } catch (JsonFormatException e) {
      return null;
    }
  }

  private static @Nullable ErrorReply error(@Nullable JsonNode node) {
    if (node == null || !node.path("error").isTextual()) {
      return null;
    }
    try {
      return Json.convert(node, ErrorReply.class);
    } catch (JsonFormatException e) {
      return ErrorReply.of(node.path("error").asText());
    }
  }

  private boolean isInferencePort() throws InterruptedException {
    try {
      JsonNode node = json(wire.get("/v2").body());
      return node != null && node.path("extensions").isArray();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    wire.close();
  }
}
