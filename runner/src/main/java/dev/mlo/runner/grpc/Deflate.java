package dev.mlo.runner.grpc;

import io.grpc.Decompressor;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;

/// Reads what clients in C and Python send as `deflate`, which grpc-java does not know.
final class Deflate implements Decompressor {
  @Override
  public String getMessageEncoding() {
    return "deflate";
  }

  @Override
  public InputStream decompress(InputStream compressed) {
    return new InflaterInputStream(compressed);
  }
}
