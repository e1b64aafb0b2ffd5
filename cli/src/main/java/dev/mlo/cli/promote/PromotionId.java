package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Names a promotion by what it asks for, so that whoever asks the same of the same state gets the
/// same name.
final class PromotionId {
  private PromotionId() {}

  /// The first 16 hex digits of the SHA-256 of model, environment, release and what is replaced.
  static String of(
      String model, String environment, Digest wanted, @Nullable EnvironmentRecord before) {
    String text =
        String.join(
            "|",
            model,
            environment,
            wanted.toString(),
            before == null ? "" : before.current().digest().toString(),
            before == null ? "0" : Integer.toString(before.sequence()));
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
  }
}
