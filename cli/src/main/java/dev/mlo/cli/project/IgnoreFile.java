package dev.mlo.cli.project;

import dev.mlo.contract.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.ignore.FastIgnoreRule;
import org.eclipse.jgit.ignore.IgnoreNode;

/// The file `.mloignore` beside the manifest: which files of the project no model takes along, in
/// the syntax of git's ignore files ([gitignore(5)](https://git-scm.com/docs/gitignore)). Patterns
/// are relative to the project; the last one that matches a file decides; nothing below a folder
/// that is left out can be taken back in. It says nothing of the files a manifest names elsewhere.
public final class IgnoreFile {
  /// What the file is called.
  public static final String NAME = ".mloignore";

  private static final int MAX_BYTES = 64 << 10;
  private static final int MAX_PATTERNS = 1000;
  private static final int MAX_LENGTH = 500;

  /// Each `*` among letters is a place to try again from: with n of them, a name of 255 letters
  /// takes up to 255^n steps, so a pattern of a few letters could keep a processor busy for days.
  /// One with three takes 35 ms for the worst name there can be, hence few of those.
  private static final int MAX_STARS = 3;

  private static final int MAX_COSTLY = 20;

  private final Path project;
  private final IgnoreNode rules;
  private final Map<Path, Boolean> folders = new HashMap<>();

  private IgnoreFile(Path project, List<FastIgnoreRule> rules) {
    this.project = project;
    this.rules = new IgnoreNode(rules);
  }

  /// @param project the directory, absolute and real
  /// @param violations what is wrong with the file is added here, a line each
  static IgnoreFile read(Path project, Violations violations) {
    var rules = new ArrayList<FastIgnoreRule>();
    int number = 0;
    int costly = 0;
    for (String line : text(project.resolve(NAME), violations).split("\\R", -1)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      var at = new Yaml.Place(number, 1);
      if (rules.size() == MAX_PATTERNS) {
        violations.add(at, "there are more than %d patterns".formatted(MAX_PATTERNS));
        break;
      }
      int stars = stars(line);
      costly += stars == MAX_STARS ? 1 : 0;
      if (stars > MAX_STARS) {
        violations.add(
            at, "`%s`: a name takes at most %d times `*`".formatted(shown(line), MAX_STARS));
      } else if (costly > MAX_COSTLY) {
        violations.add(
            at,
            "`%s`: at most %d patterns have %d times `*` in a name"
                .formatted(shown(line), MAX_COSTLY, MAX_STARS));
        break;
      } else {
        rule(line, at, rules, violations);
      }
    }
    return new IgnoreFile(project, rules);
  }

  private static void rule(
      String line, Yaml.Place at, List<FastIgnoreRule> rules, Violations violations) {
    if (line.length() > MAX_LENGTH) {
      violations.add(at, "the pattern is longer than %d characters".formatted(MAX_LENGTH));
      return;
    }
    var rule = new FastIgnoreRule(line);
    if (rule.isEmpty()) {
      violations.add(at, "`%s` is no pattern, expected git's syntax".formatted(shown(line)));
    } else {
      rules.add(rule);
    }
  }

  /// The most there are in one name; `**` alone stands for folders and is cheap.
  private static int stars(String line) {
    int most = 0;
    for (String name : line.split("/", -1)) {
      if (!name.equals("**")) {
        most = Math.max(most, (int) name.chars().filter(c -> c == '*').count());
      }
    }
    return most;
  }

  private static String shown(String line) {
    String text = line.replaceAll("\\p{Cntrl}", "?");
    return Printable.shortened(text, 100);
  }

  private static String text(Path file, Violations violations) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return "";
    }
    // A link could lead to anything on the machine; git does not follow one here either.
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      violations.add(Yaml.Place.START, "it is a link, a directory or a device, expected a file");
      return "";
    }
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        violations.add(Yaml.Place.START, "the file is larger than 64 KiB");
        return "";
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      violations.add(Yaml.Place.START, "found bytes that are not UTF-8");
    } catch (IOException e) {
      violations.add(Yaml.Place.START, "the file cannot be read: " + e.getMessage());
    }
    return "";
  }

  /// Whether it says nothing at all.
  boolean isEmpty() {
    return rules.getRules().isEmpty();
  }

  /// @param file absolute, below the project
  boolean matches(Path file, boolean directory) {
    if (isEmpty() || !file.startsWith(project) || file.equals(project)) {
      return false;
    }
    return directory ? folder(file) : folder(file.resolveSibling("")) || ignored(file, false);
  }

  private boolean folder(Path folder) {
    if (folder.equals(project)) {
      return false;
    }
    Boolean known = folders.get(folder);
    if (known == null) {
      known = folder(folder.resolveSibling("")) || ignored(folder, true);
      folders.put(folder, known);
    }
    return known;
  }

  private boolean ignored(Path file, boolean directory) {
    var parts = new ArrayList<String>();
    project.relativize(file).forEach(part -> parts.add(part.toString()));
    return Boolean.TRUE.equals(rules.checkIgnored(String.join("/", parts), directory));
  }
}
