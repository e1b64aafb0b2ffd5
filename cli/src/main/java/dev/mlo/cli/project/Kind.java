package dev.mlo.cli.project;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a key of the manifest takes. Parser, JSON Schema and reference page are made of the same
/// values.
sealed interface Kind {
  /// In a sentence: "expected …".
  String expected();

  /// @param expected ends the sentence "expected …"
  /// @param pattern for the whole text, in the syntax that Java and ECMA-262 share
  record Text(String expected, @Nullable Pattern pattern) implements Kind {
    static Text of(String expected) {
      return new Text(expected, null);
    }

    static Text of(String expected, String pattern) {
      return new Text(expected, Pattern.compile(pattern));
    }

    boolean takes(String text) {
      return !text.isEmpty() && (pattern == null || pattern.matcher(text).matches());
    }
  }

  /// One of a few words.
  ///
  /// @param later words that will be taken some day
  record Choice(List<String> words, List<String> later) implements Kind {
    static Choice of(String... words) {
      return new Choice(List.of(words), List.of());
    }

    @Override
    public String expected() {
      return words.size() < 4
          ? String.join(" or ", words.stream().map(word -> "`" + word + "`").toList())
          : "one of " + String.join(", ", words);
    }
  }

  record Whole(long min, long max) implements Kind {
    @Override
    public String expected() {
      return "a whole number from %d to %d".formatted(min, max);
    }
  }

  /// A finite number.
  record Real(double min) implements Kind {
    @Override
    public String expected() {
      return min == 0 ? "a number, 0 or more" : "a number";
    }
  }

  record ListOf(Kind item, String expected) implements Kind {}

  record MapOf(Text key, Kind value, String expected) implements Kind {}

  /// Keys and values whose keys are fixed.
  record Section(List<Key> keys) implements Kind {
    static Section of(Key... keys) {
      return new Section(List.of(keys));
    }

    /// Whether `key:` with nothing behind it is as good as leaving it out.
    boolean mayBeEmpty() {
      return keys.stream().noneMatch(Key::required);
    }

    @Override
    public String expected() {
      return "keys and values ("
          + String.join(", ", keys.stream().filter(k -> !k.later()).map(Key::name).toList())
          + ")";
    }
  }

  /// The one or the other; told apart by how they are written.
  record Either(Kind simple, Kind full) implements Kind {
    @Override
    public String expected() {
      return simple.expected() + ", or " + full.expected();
    }
  }

  /// Any value that JSON has.
  record Free() implements Kind {
    @Override
    public String expected() {
      return "any value";
    }
  }
}
