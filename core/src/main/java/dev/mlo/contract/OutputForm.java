package dev.mlo.contract;

import java.util.Map;

/// In which form a request wants its outputs: as JSON, or as bytes after the JSON, as the binary
/// tensor extension of the Open Inference Protocol sends them.
///
/// @param binary whether an output is sent as bytes unless it is named in `named`
/// @param named what the request says of single outputs
public record OutputForm(boolean binary, Map<String, Boolean> named) {
  /// Everything as JSON.
  public static final OutputForm JSON = new OutputForm(false, Map.of());

  /// Everything as bytes.
  public static final OutputForm BINARY = new OutputForm(true, Map.of());

  public OutputForm {
    named = Map.copyOf(named);
  }

  public boolean isBinary(String output) {
    return named.getOrDefault(output, binary);
  }
}
