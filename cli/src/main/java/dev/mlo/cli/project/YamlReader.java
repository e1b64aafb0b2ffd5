package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Items;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Place;
import dev.mlo.cli.project.Yaml.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/// Reads one YAML document from the parser's events, so that nothing is expanded and every value
/// keeps its place. Anchors, aliases and tags are refused: a manifest has no use for them.
final class YamlReader {
  private static final int MAX_DEPTH = 20;

  private final Parser events;
  private final Violations violations;

  private YamlReader(Parser events, Violations violations) {
    this.events = events;
    this.violations = violations;
  }

  /// The document, or `null` when it is empty or cannot be followed to its end; then `violations`
  /// has a word on it.
  static @Nullable Yaml read(String text, Violations violations) {
    if (unprintable(text, violations)) {
      return null;
    }
    try {
      var parser = new ParserImpl(new StreamReader(text), new LoaderOptions());
      return new YamlReader(parser, violations).document();
    } catch (MarkedYAMLException e) {
      violations.add(place(e.getProblemMark()), Syntax.explain(e));
    } catch (TooDeep e) {
      violations.add(e.at, "values are nested deeper than " + MAX_DEPTH + " levels");
    } catch (YAMLException e) {
      violations.add(
          Place.START,
          "not YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    return null;
  }

  /// The parser refuses such characters too, but cannot say where they stand.
  private static boolean unprintable(String text, Violations violations) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int at = text.codePointAt(i);
      if (!StreamReader.isPrintable(at)) {
        violations.add(
            new Place(line, column),
            "found the character U+%04X, expected text without control characters%s"
                .formatted(at, at == 0 ? "; is the file UTF-16? Save it as UTF-8" : ""));
        return true;
      }
      boolean end = at == '\n' || (at == '\r' && !text.startsWith("\n", i + 1));
      line += end ? 1 : 0;
      column = end ? 1 : column + 1;
    }
    return false;
  }

  private @Nullable Yaml document() {
    events.getEvent();
    if (events.checkEvent(Event.ID.StreamEnd)) {
      violations.add(Place.START, "the manifest is empty, expected at least `name:` and `model:`");
      return null;
    }
    events.getEvent();
    Yaml root = value(0);
    events.getEvent();
    if (!events.checkEvent(Event.ID.StreamEnd)) {
      violations.add(
          place(events.peekEvent().getStartMark()), "a second document starts here, expected one");
    }
    return root;
  }

  private @Nullable Yaml value(int depth) {
    Event event = events.getEvent();
    Place at = place(event.getStartMark());
    if (depth > MAX_DEPTH) {
      throw new TooDeep(at);
    }
    refuseReferences(event, at);
    return switch (event.getEventId()) {
      case Scalar -> {
        var scalar = (ScalarEvent) event;
        if (scalar.getValue().codePoints().anyMatch(YamlReader::isHalf)) {
          violations.add(at, "found half of a character (a lone surrogate), expected text");
        }
        yield new Scalar(at, scalar.getValue(), scalar.isPlain());
      }
      case SequenceStart -> items(at, depth);
      case MappingStart -> mapping(at, depth);
      default -> null;
    };
  }

  /// It has no UTF-8, so it cannot come through to an image.
  private static boolean isHalf(int character) {
    return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
  }

  private void refuseReferences(Event event, Place at) {
    if (event instanceof AliasEvent alias) {
      violations.add(
          at, "found the alias `*%s`, expected the value itself".formatted(alias.getAnchor()));
    } else if (event instanceof NodeEvent node && node.getAnchor() != null) {
      violations.add(
          at, "found the anchor `&%s`, which a manifest does not take".formatted(node.getAnchor()));
    }
    String tag =
        switch (event) {
          case ScalarEvent scalar -> scalar.getTag();
          case CollectionStartEvent collection -> collection.getTag();
          default -> null;
        };
    if (tag != null) {
      violations.add(at, "found the tag `%s`, which a manifest does not take".formatted(tag));
    }
  }

  private Items items(Place at, int depth) {
    var items = new ArrayList<Yaml>();
    while (!events.checkEvent(Event.ID.SequenceEnd)) {
      Yaml item = value(depth + 1);
      if (item != null) {
        items.add(item);
      }
    }
    events.getEvent();
    return new Items(at, items);
  }

  private Mapping mapping(Place at, int depth) {
    var entries = new ArrayList<Entry>();
    Map<String, Place> seen = new HashMap<>();
    while (!events.checkEvent(Event.ID.MappingEnd)) {
      Yaml key = value(depth + 1);
      Yaml value = value(depth + 1);
      if (key instanceof Scalar name) {
        Place first = seen.putIfAbsent(name.text(), name.at());
        if (first != null) {
          violations.add(
              name.at(),
              "the key `%s` is there twice, first at line %d".formatted(name.text(), first.line()));
        } else if (value != null) {
          entries.add(new Entry(name, value));
        }
      } else if (key != null) {
        violations.add(key.at(), "found %s as a key, expected a word".formatted(key.named()));
      }
    }
    events.getEvent();
    return new Mapping(at, entries);
  }

  private static Place place(@Nullable Mark mark) {
    return mark == null ? Place.START : new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static final class TooDeep extends RuntimeException {
    private final transient Place at;

    TooDeep(Place at) {
      super(null, null, false, false);
      this.at = at;
    }
  }

  /// The parser's words, and plainer ones for what happens most.
  private static final class Syntax {
    private static final List<Map.Entry<String, String>> PLAINER =
        List.of(
            Map.entry(
                "'\\t(TAB)'", "found a tab, expected spaces: YAML is indented by spaces only"),
            Map.entry(
                "mapping values are not allowed",
                "found a second `:` in a value, expected quotes around the value or a new line"));

    static String explain(MarkedYAMLException e) {
      String problem = String.valueOf(e.getProblem());
      for (Map.Entry<String, String> plainer : PLAINER) {
        if (problem.contains(plainer.getKey())) {
          return plainer.getValue();
        }
      }
      return "not YAML: " + context(e) + problem;
    }

    /// What is not ended is told at its end; where it began helps more.
    private static String context(MarkedYAMLException e) {
      if (e.getContext() == null) {
        return "";
      }
      @Nullable Mark began = e.getContextMark();
      return began == null
          ? e.getContext() + ", "
          : "%s that begins at %d:%d, "
              .formatted(e.getContext(), began.getLine() + 1, began.getColumn() + 1);
    }
  }
}
