package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `mlops.yaml`.
public final class ProjectReader {
  /// What the manifest is called.
  public static final String MANIFEST = "mlops.yaml";

  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_SHOWN = 100;

  private ProjectReader() {}

  /// What came of reading a manifest.
  public sealed interface Reading {
    record Sound(Project project) implements Reading {}

    /// @param violations all of them, in the order of their places; never empty
    record Wrong(Path manifest, List<Violation> violations) implements Reading {
      public Wrong {
        violations = List.copyOf(violations);
      }
    }
  }

  /// @param directory the project's directory, or the manifest itself
  /// @throws Failure MANIFEST with every violation, each `file:line:column`
  public static Project read(Path directory) {
    return sound(check(directory));
  }

  /// Like [#read], where the model is in an image already: its file need not be there.
  public static Project readWithoutModel(Path directory) {
    Path manifest = find(directory);
    var violations = new Violations(String.valueOf(manifest.getFileName()));
    return sound(check(manifest, text(manifest, violations), violations, false));
  }

  private static Project sound(Reading reading) {
    return switch (reading) {
      case Reading.Sound(Project project) -> project;
      case Reading.Wrong wrong -> throw failure(wrong);
    };
  }

  /// Like [#read], for who wants the violations as values.
  ///
  /// @throws Failure MANIFEST when there is no manifest that could be read at all
  public static Reading check(Path directory) {
    Path manifest = find(directory);
    var violations = new Violations(String.valueOf(manifest.getFileName()));
    return check(manifest, text(manifest, violations), violations, true);
  }

  /// Like [#check(Path)], of a manifest that need not be written yet.
  ///
  /// @param manifest where it is, or will be
  static Reading check(Path manifest, String text) {
    return check(manifest, text, new Violations(String.valueOf(manifest.getFileName())), true);
  }

  private static Reading check(
      Path manifest, @Nullable String text, Violations violations, boolean model) {
    Path root = real(manifest.toAbsolutePath().resolveSibling(""));
    var ignored = new Violations(IgnoreFile.NAME);
    IgnoreFile ignore = IgnoreFile.read(root, ignored);
    Yaml document = text == null ? null : YamlReader.read(text, violations);
    if (document != null) {
      Yaml.Mapping checked = StructureCheck.check(document, violations);
      MeaningCheck.check(checked, root, violations, model);
      if (violations.isEmpty() && ignored.isEmpty()) {
        Path real = root.resolve(String.valueOf(manifest.getFileName()));
        return new Reading.Sound(ProjectAssembly.assemble(checked, real, ignore));
      }
    }
    var all = new ArrayList<>(violations.sorted());
    all.addAll(ignored.sorted());
    return new Reading.Wrong(manifest, all);
  }

  /// Every violation on a line of its own.
  public static Failure failure(Reading.Wrong wrong) {
    int count = wrong.violations().size();
    var lines =
        new ArrayList<>(
            wrong.violations().stream().limit(MAX_SHOWN).map(Violation::toString).toList());
    if (count > MAX_SHOWN) {
      lines.add("and %d more".formatted(count - MAX_SHOWN));
    }
    return Failure.of(
            ExitCode.MANIFEST,
            "`%s` has %s"
                .formatted(wrong.manifest(), count == 1 ? "a mistake" : count + " mistakes"))
        .why(lines);
  }

  private static Path find(Path directory) {
    if (!Files.isDirectory(directory)) {
      return requireManifest(directory);
    }
    Path manifest = directory.resolve(MANIFEST);
    if (!Files.exists(manifest, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      Failure none = refuse("there is no `%s` in `%s`".formatted(MANIFEST, directory));
      Path other = directory.resolve("mlops.yml");
      throw Files.exists(other)
          ? none.hint("mv %s %s".formatted(other, manifest))
          : none.hint(init(directory));
    }
    return requireManifest(manifest);
  }

  private static String init(Path directory) {
    return directory.toString().isEmpty() || directory.toString().equals(".")
        ? "mlo init"
        : "mlo init " + directory;
  }

  private static Path requireManifest(Path manifest) {
    if (!Files.exists(manifest)) {
      throw refuse("there is no `%s`".formatted(manifest));
    }
    if (!Files.isRegularFile(manifest)) {
      throw refuse("the manifest `%s` is no file".formatted(manifest));
    }
    return manifest;
  }

  /// `null` when it is no text of the right size; then `violations` has a word on it.
  static @Nullable String text(Path manifest, Violations violations) {
    byte[] bytes;
    try (var in = Files.newInputStream(manifest)) {
      bytes = in.readNBytes((int) MAX_BYTES + 1);
    } catch (IOException e) {
      throw refuse("the manifest `%s` cannot be read".formatted(manifest))
          .why(
              e instanceof java.nio.file.AccessDeniedException
                  ? "permission denied"
                  : String.valueOf(e.getMessage()))
          .cause(e);
    }
    if (bytes.length > MAX_BYTES) {
      violations.add(Yaml.Place.START, "the manifest is larger than 1 MiB");
      return null;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      String text = decoder.decode(in).toString();
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      violations.add(place(bytes, in.position()), "found bytes that are not UTF-8");
      return null;
    }
  }

  /// Where a byte lies, as far as the text before it goes.
  private static Yaml.Place place(byte[] bytes, int offset) {
    String before = new String(bytes, 0, offset, StandardCharsets.UTF_8);
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    String last = before.substring(before.lastIndexOf('\n') + 1);
    return new Yaml.Place(line, last.codePointCount(0, last.length()) + 1);
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw refuse("the directory `%s` cannot be read".formatted(directory))
          .why(String.valueOf(e.getMessage()))
          .cause(e);
    }
  }

  private static Failure refuse(String what) {
    return Failure.of(ExitCode.MANIFEST, what);
  }
}
