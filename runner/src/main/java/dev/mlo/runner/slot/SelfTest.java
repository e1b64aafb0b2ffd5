package dev.mlo.runner.slot;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Tensor;
import dev.mlo.runner.model.Example;
import dev.mlo.runner.model.Inference;
import dev.mlo.runner.model.InferenceFailure;
import dev.mlo.runner.model.LoadedVersion;
import dev.mlo.runner.model.VersionException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Asks a version its own golden examples: nothing serves that has not answered them here.
final class SelfTest {
  private static final int WARM_ROUNDS = 20;
  private static final long WARM_NANOS = 2_000_000_000L;
  private static final int TIMED_ROUNDS = 5;

  /// An example may take as long as a request, and the first ones of a version even longer.
  private static final long MIN_TIMEOUT_MILLIS = 10_000;

  private SelfTest() {}

  /// Runs the examples until they are quick: at most twenty rounds or two seconds, at least once.
  static void warm(LoadedVersion version) throws VersionException {
    long end = System.nanoTime() + WARM_NANOS;
    for (int round = 0; round < WARM_ROUNDS; round++) {
      for (Example example : version.examples()) {
        answer(version, example, "warmup_error");
      }
      if (System.nanoTime() - end > 0) {
        return;
      }
    }
  }

  /// @throws VersionException when an answer is not the expected one
  static void test(LoadedVersion version) throws VersionException {
    for (Example example : version.examples()) {
      check(example, answer(version, example, "selftest_error"));
    }
  }

  /// The median time of an answer to these examples, in milliseconds; 0 when there are none.
  static double medianMillis(LoadedVersion version, List<Example> examples)
      throws VersionException {
    double[] millis = new double[examples.size() * TIMED_ROUNDS];
    for (int i = 0; i < millis.length; i++) {
      long start = System.nanoTime();
      answer(version, examples.get(i % examples.size()), "selftest_error");
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis.length == 0 ? 0 : millis[millis.length / 2];
  }

  private static List<Tensor> answer(LoadedVersion version, Example example, String code)
      throws VersionException {
    long millis = Math.max(MIN_TIMEOUT_MILLIS, version.card().serve().timeoutMillis());
    Inference inference = version.inference();
    var answered = new CompletableFuture<Void>();
    answered
        .orTimeout(millis, TimeUnit.MILLISECONDS)
        .exceptionally(_ -> {
          inference.cancel();
          return null;
        });
    try {
      return inference.infer(example.request().inputs(), example.request().outputs());
    } catch (InferenceFailure e) {
      String why = inference.isCancelled() ? "no answer in " + millis + " ms" : e.getMessage();
      throw new VersionException(
          code, "the example `%s` failed: %s".formatted(example.name(), why), e);
    } finally {
      answered.complete(null);
    }
  }

  private static void check(Example example, List<Tensor> actual) throws VersionException {
    for (Tensor output : actual) {
      Optional<Tensor> expected =
          example.expected().stream().filter(t -> t.name().equals(output.name())).findFirst();
      if (hasNaN(output) && !(expected.isPresent() && hasNaN(expected.get()))) {
        throw new VersionException(
            "selftest_nan",
            "the example `%s` answers NaN in `%s`".formatted(example.name(), output.name()));
      }
    }
    List<String> differences = Golden.differences(example.expected(), actual, example.tolerance());
    if (!differences.isEmpty()) {
      throw new VersionException(
          "selftest_mismatch",
          "the example `%s` is answered wrongly: %s"
              .formatted(example.name(), differences.getFirst()));
    }
  }

  private static boolean hasNaN(Tensor tensor) {
    if (!(tensor instanceof Tensor.Numbers numbers)) {
      return false;
    }
    var data = numbers.data();
    while (data.hasRemaining()) {
      double value =
          switch (numbers.datatype()) {
            case DataType.FP32 -> data.getFloat();
            case DataType.FP64 -> data.getDouble();
            case DataType.FP16 -> Float.float16ToFloat(data.getShort());
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> {
              data.position(data.limit());
              yield 0;
            }
          };
      if (Double.isNaN(value)) {
        return true;
      }
    }
    return false;
  }
}
