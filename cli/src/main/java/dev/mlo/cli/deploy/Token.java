package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The bearer token of a runner's admin port. It comes from a file and goes into one header; no
/// text form shows it.
public final class Token {
  /// Far more than any token needs; a larger file is something else.
  private static final int MAX_BYTES = 4096;

  private final String value;

  private Token(String value) {
    this.value = value;
  }

  /// Reads a file that holds one line of printable ASCII.
  ///
  /// @throws Failure that names the file and never shows its content
  public static Token read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw Failure.of(ExitCode.NOT_FOUND, "the token file `%s` does not exist".formatted(file))
          .hint("name the file that holds the token with --token-file");
    } catch (IOException e) {
      throw Failure.of(ExitCode.DENIED, "the token file `%s` cannot be read".formatted(file))
          .why(String.valueOf(e.getMessage()))
          .hint("ls -l " + file);
    }
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    boolean printable = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (text.isEmpty() || bytes.length > MAX_BYTES || !printable) {
      throw Failure.of(ExitCode.DENIED, "`%s` holds no token".formatted(file))
          .why("expected one line of printable characters without spaces, at most 4096 bytes");
    }
    return new Token(text);
  }

  /// The value of the header `Authorization`.
  String header() {
    return "Bearer " + value;
  }

  @Override
  public String toString() {
    return "Token[hidden]";
  }
}
