package dev.mlo.cli.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads how long something may take: `500ms`, `30s`, `5m`, `2h`.
final class Durations implements ITypeConverter<Duration> {
  /// The same, which may also be none at all: `0`, `0s`.
  static final class OrNone implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return text.matches("0(ms|s|m|h)?") ? Duration.ZERO : new Durations().convert(text);
    }
  }

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,6})(ms|s|m|h)");

  @Override
  public Duration convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "`%s` is no duration: expected a number with ms, s, m or h, as in 30s".formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }
}
