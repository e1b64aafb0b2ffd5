package dev.mlo.cli.command;

import dev.mlo.oci.Digest;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A digest as typed on the command line.
final class DigestConverter implements ITypeConverter<Digest> {
  @Override
  public Digest convert(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
