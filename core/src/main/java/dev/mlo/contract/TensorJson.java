package dev.mlo.contract;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// The JSON form of Open Inference Protocol requests and responses, read and written as a stream.
public final class TensorJson {
  private TensorJson() {}

  /// Reads a request. `data` may be nested or flat, row-major. FP16 has no JSON form in the
  /// protocol; numbers are taken.
  ///
  /// @throws MalformedException naming the field and the reason
  public static InferenceRequest request(byte[] json) throws MalformedException {
    throw new UnsupportedOperationException();
  }

  /// Reads the `outputs` of a response, as a golden example expects them.
  public static List<Tensor> outputs(byte[] json) throws MalformedException {
    throw new UnsupportedOperationException();
  }

  public static void write(InferenceResponse response, OutputStream out) throws IOException {
    throw new UnsupportedOperationException();
  }

  /// Writes a request, as a client sends it.
  public static void write(InferenceRequest request, OutputStream out) throws IOException {
    throw new UnsupportedOperationException();
  }
}
