package dev.mlo.cli.project;

import dev.mlo.contract.Printable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A YAML document as it is written: every value with its place, scalars not yet converted.
sealed interface Yaml {
  /// Line and column, from 1.
  record Place(int line, int column) implements Comparable<Place> {
    static final Place START = new Place(1, 1);

    @Override
    public int compareTo(Place other) {
      return line != other.line
          ? Integer.compare(line, other.line)
          : Integer.compare(column, other.column);
    }
  }

  Place at();

  /// What it is, for messages: "a list".
  String named();

  /// The types of scalars in YAML 1.2's core schema: `yes` and `1.2.3` are text.
  enum ScalarType {
    NULL("~|null|Null|NULL|"),
    BOOLEAN("true|True|TRUE|false|False|FALSE"),
    WHOLE("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    NUMBER(
        "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"),
    TEXT(".*");

    private final Pattern pattern;

    ScalarType(String pattern) {
      this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
    }

    static ScalarType of(String plain) {
      for (ScalarType type : values()) {
        if (type.pattern.matcher(plain).matches()) {
          return type;
        }
      }
      return TEXT;
    }
  }

  /// @param plain written without quotes, so that it may stand for something other than text
  record Scalar(Place at, String text, boolean plain) implements Yaml {
    ScalarType type() {
      return plain ? ScalarType.of(text) : ScalarType.TEXT;
    }

    @Override
    public String named() {
      String shown = Printable.shortened(text, 60);
      return switch (type()) {
        case NULL -> "nothing";
        case BOOLEAN -> "the boolean " + shown;
        case WHOLE, NUMBER -> "the number " + shown;
        case TEXT -> text.isEmpty() ? "an empty text" : "`" + shown.replaceAll("\\R", " ") + "`";
      };
    }
  }

  record Items(Place at, List<Yaml> items) implements Yaml {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String named() {
      return "a list";
    }
  }

  record Entry(Scalar key, Yaml value) {}

  record Mapping(Place at, List<Entry> entries) implements Yaml {
    public Mapping {
      entries = List.copyOf(entries);
    }

    @Override
    public String named() {
      return "keys and values";
    }

    Optional<Yaml> get(String key) {
      return entries.stream()
          .filter(entry -> entry.key().text().equals(key))
          .map(Entry::value)
          .findFirst();
    }

    Optional<Scalar> scalar(String key) {
      return get(key).filter(Scalar.class::isInstance).map(Scalar.class::cast);
    }

    Optional<String> text(String key) {
      return scalar(key).map(Scalar::text);
    }

    Optional<Mapping> mapping(String key) {
      return get(key).filter(Mapping.class::isInstance).map(Mapping.class::cast);
    }

    /// The items of a list that are keys and values themselves; empty when there is no such list.
    List<Mapping> mappings(String key) {
      return items(key).stream()
          .filter(Mapping.class::isInstance)
          .map(Mapping.class::cast)
          .toList();
    }

    /// The scalars of a list; empty when there is no such list.
    List<Scalar> scalars(String key) {
      return items(key).stream().filter(Scalar.class::isInstance).map(Scalar.class::cast).toList();
    }

    private List<Yaml> items(String key) {
      return get(key).orElse(this) instanceof Items list ? list.items() : List.of();
    }
  }
}
