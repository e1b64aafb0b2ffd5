package dev.mlo.cli.project;

import dev.mlo.cli.project.Kind.Choice;
import dev.mlo.cli.project.Kind.Either;
import dev.mlo.cli.project.Kind.Free;
import dev.mlo.cli.project.Kind.ListOf;
import dev.mlo.cli.project.Kind.MapOf;
import dev.mlo.cli.project.Kind.Real;
import dev.mlo.cli.project.Kind.Section;
import dev.mlo.cli.project.Kind.Text;
import dev.mlo.cli.project.Kind.Whole;
import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Items;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import dev.mlo.cli.project.Yaml.ScalarType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Holds a document against [ManifestKeys]: each value of the right type, no unknown key, none
/// missing.
final class StructureCheck {
  private final Violations violations;

  private StructureCheck(Violations violations) {
    this.violations = violations;
  }

  /// The part of the document that is as it should be; what is not is in `violations` and left out.
  static Mapping check(Yaml document, Violations violations) {
    return new StructureCheck(violations).check(document, ManifestKeys.ROOT, "")
            instanceof Mapping root
        ? root
        : new Mapping(document.at(), List.of());
  }

  /// Whether a manifest would take the value.
  static boolean takes(Yaml value, Kind kind) {
    var found = new Violations("");
    return new StructureCheck(found).check(value, kind, "") != null && found.isEmpty();
  }

  /// @param path the keys that lead here: `serve.timeout`; empty at the top
  private @Nullable Yaml check(Yaml value, Kind kind, String path) {
    return switch (kind) {
      case Text text -> text(value, text, path);
      case Choice choice -> choice(value, choice, path);
      case Whole whole -> whole(value, whole, path);
      case Real number -> number(value, number, path);
      case ListOf list -> list(value, list, path);
      case MapOf map -> map(value, map, path);
      case Section section -> section(value, section, path);
      case Either either -> either(value, either, path);
      case Free _ -> free(value, path);
    };
  }

  private @Nullable Yaml either(Yaml value, Either either, String path) {
    boolean number = value instanceof Scalar scalar && scalar.type() == ScalarType.WHOLE;
    if (either.full() instanceof Whole ? number : value instanceof Mapping) {
      return check(value, either.full(), path);
    }
    boolean simple =
        switch (either.simple()) {
          case Choice choice ->
              value instanceof Scalar scalar && choice.words().contains(scalar.text());
          default -> value instanceof Scalar scalar && scalar.type() == ScalarType.TEXT;
        };
    return simple ? check(value, either.simple(), path) : wrong(value, either, path);
  }

  private @Nullable Yaml wrong(Yaml value, Kind kind, String path) {
    return wrong(value, kind.expected(), path);
  }

  private @Nullable Yaml wrong(Yaml value, String expected, String path) {
    String subject = path.isEmpty() ? "" : "`" + path + "`: ";
    violations.add(value.at(), subject + "found " + value.named() + ", expected " + expected);
    return null;
  }

  private @Nullable Yaml text(Yaml value, Text kind, String path) {
    if (!(value instanceof Scalar scalar)) {
      return wrong(value, kind, path);
    }
    boolean fits = kind.takes(scalar.text());
    return switch (scalar.type()) {
      case TEXT -> fits ? value : wrong(value, kind, path);
      case NULL -> wrong(value, kind, path);
      case BOOLEAN, WHOLE, NUMBER ->
          wrong(
              value,
              fits ? "text: quote it, \"%s\"".formatted(scalar.text()) : kind.expected(),
              path);
    };
  }

  private @Nullable Yaml choice(Yaml value, Choice kind, String path) {
    if (!(value instanceof Scalar scalar)) {
      return wrong(value, kind, path);
    }
    if (kind.words().contains(scalar.text())) {
      return value;
    }
    if (kind.later().contains(scalar.text())) {
      violations.add(value.at(), "`%s`: `%s` is not supported yet".formatted(path, scalar.text()));
      return null;
    }
    violations.add(
        value.at(),
        "`%s`: found %s, expected %s".formatted(path, value.named(), kind.expected()),
        kind.words().size() == 1 ? null : Spelling.nearest(scalar.text(), kind.words()));
    return null;
  }

  private @Nullable Yaml whole(Yaml value, Whole kind, String path) {
    if (value instanceof Scalar scalar && scalar.type() == ScalarType.WHOLE) {
      Long number = Numbers.whole(scalar.text());
      if (number != null && number >= kind.min() && number <= kind.max()) {
        return value;
      }
    }
    return wrong(value, kind, path);
  }

  private @Nullable Yaml number(Yaml value, Real kind, String path) {
    if (value instanceof Scalar scalar
        && (scalar.type() == ScalarType.WHOLE || scalar.type() == ScalarType.NUMBER)) {
      double number = Numbers.real(scalar.text());
      if (Double.isFinite(number) && number >= kind.min()) {
        return value;
      }
    }
    return wrong(value, kind, path);
  }

  private @Nullable Yaml free(Yaml value, String path) {
    return switch (value) {
      case Scalar scalar ->
          switch (scalar.type()) {
            case WHOLE ->
                Numbers.whole(scalar.text()) == null
                    ? wrong(value, "a number of at most 64 bits", path)
                    : value;
            case NUMBER ->
                Double.isFinite(Numbers.real(scalar.text()))
                    ? value
                    : wrong(value, "a finite number", path);
            case NULL, BOOLEAN, TEXT -> value;
          };
      case Items list -> {
        list.items().forEach(item -> free(item, path));
        yield value;
      }
      case Mapping map -> {
        map.entries().forEach(entry -> free(entry.value(), path + "." + entry.key().text()));
        yield value;
      }
    };
  }

  private @Nullable Yaml list(Yaml value, ListOf kind, String path) {
    if (!(value instanceof Items list)) {
      return wrong(value, kind, path);
    }
    var items = new ArrayList<Yaml>();
    for (int i = 0; i < list.items().size(); i++) {
      Yaml item = check(list.items().get(i), kind.item(), path + "[" + i + "]");
      if (item != null) {
        items.add(item);
      }
    }
    return new Items(list.at(), items);
  }

  private @Nullable Yaml map(Yaml value, MapOf kind, String path) {
    if (!(value instanceof Mapping map)) {
      return wrong(value, kind, path);
    }
    var entries = new ArrayList<Entry>();
    for (Entry entry : map.entries()) {
      if (!kind.key().takes(entry.key().text())) {
        violations.add(
            entry.key().at(),
            "`%s`: found the name `%s`, expected %s"
                .formatted(path, entry.key().text(), kind.key().expected()));
      } else {
        Yaml checked =
            check(
                orEmpty(entry.value(), kind.value()),
                kind.value(),
                path + "." + entry.key().text());
        if (checked != null) {
          entries.add(new Entry(entry.key(), checked));
        }
      }
    }
    return new Mapping(map.at(), entries);
  }

  /// A section whose keys may all be left out may be left empty: `dev:`.
  private static Yaml orEmpty(Yaml value, Kind kind) {
    return kind instanceof Section section
            && section.mayBeEmpty()
            && value instanceof Scalar scalar
            && scalar.type() == ScalarType.NULL
        ? new Mapping(value.at(), List.of())
        : value;
  }

  private @Nullable Yaml section(Yaml value, Section kind, String path) {
    if (!(value instanceof Mapping map)) {
      return wrong(value, kind, path);
    }
    var entries = new ArrayList<Entry>();
    for (Entry entry : map.entries()) {
      String name = entry.key().text();
      String inner = path.isEmpty() ? name : path + "." + name;
      Key key = kind.keys().stream().filter(k -> k.name().equals(name)).findFirst().orElse(null);
      if (key == null) {
        unknown(entry, kind, path);
      } else if (key.later()) {
        violations.add(entry.key().at(), "`%s` is not supported yet".formatted(inner));
      } else {
        Yaml checked = check(orEmpty(entry.value(), key.kind()), key.kind(), inner);
        if (checked != null) {
          entries.add(new Entry(entry.key(), checked));
        }
      }
    }
    missing(map, kind, path);
    return new Mapping(map.at(), entries);
  }

  private void unknown(Entry entry, Section kind, String path) {
    String where = path.isEmpty() ? "" : " in `" + path + "`";
    violations.add(
        entry.key().at(),
        "unknown key `%s`%s".formatted(entry.key().text(), where),
        Spelling.nearest(entry.key().text(), kind.keys().stream().map(Key::name).toList()));
  }

  private void missing(Mapping map, Section kind, String path) {
    for (Key key : kind.keys()) {
      if (key.required() && map.get(key.name()).isEmpty()) {
        String where = path.isEmpty() ? "" : " in `" + path + "`";
        violations.add(
            map.at(),
            "the key `%s`%s is missing, expected %s"
                .formatted(key.name(), where, key.kind().expected()));
      }
    }
  }
}
