package dev.mlo.contract;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// The binary tensor extension of the Open Inference Protocol: a JSON header that says of each
/// tensor how many bytes it has (`parameters.binary_data_size`), then those bytes in the order of
/// the header ([TensorBytes]).
public final class TensorBinary {
  private TensorBinary() {}

  /// A body.
  ///
  /// @param headerLength of the JSON at its front
  /// @param isBinary whether outputs are sent as bytes after it, be they none
  public record Encoded(ByteBuffer body, int headerLength, boolean isBinary) {}

  /// @param headerLength of the JSON at the front of the body, in bytes
  /// @throws MalformedException naming the field and the reason
  public static InferenceRequest request(byte[] body, int headerLength) throws MalformedException {
    if (headerLength > body.length) {
      throw new MalformedException(
          "the JSON header is said to have %d bytes; the body has %d"
              .formatted(headerLength, body.length));
    }
    return new TensorReader(body, headerLength).request();
  }

  /// A body that is nothing but the one input's bytes, as a request without a header sends them.
  /// The outputs come back as bytes.
  ///
  /// @throws MalformedException when the model has other than one input, more than one dimension of
  ///   any length, or the bytes do not fill its shape
  public static InferenceRequest raw(byte[] body, Signature signature) throws MalformedException {
    if (signature.inputs().size() != 1) {
      throw new MalformedException(
          "a body without a JSON header is for models of one input; this one has "
              + signature.inputs().size());
    }
    TensorSpec input = signature.inputs().getFirst();
    Shape shape = RawShape.of(input, body);
    Tensor tensor =
        TensorBytes.read("the body", input.name(), input.datatype(), shape, ByteBuffer.wrap(body));
    return new InferenceRequest(null, null, List.of(tensor), List.of(), OutputForm.BINARY);
  }

  /// @param form which outputs follow as bytes
  /// @throws java.nio.charset.CharacterCodingException when a BYTES element is no text and is to be
  ///   sent as JSON
  public static Encoded write(InferenceResponse response, OutputForm form) throws IOException {
    var json = new ByteArrayOutputStream(512);
    TensorJson.write(response, form, json);
    int header = json.size();
    boolean binary = false;
    for (Tensor output : response.outputs()) {
      if (form.isBinary(output.name())) {
        binary = true;
        append(TensorBytes.write(output), json);
      }
    }
    return new Encoded(ByteBuffer.wrap(json.toByteArray()), header, binary);
  }

  private static void append(ByteBuffer bytes, ByteArrayOutputStream out) {
    byte[] chunk = new byte[bytes.remaining()];
    bytes.get(chunk);
    out.write(chunk, 0, chunk.length);
  }
}
