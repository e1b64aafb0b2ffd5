package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Printable;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `mlo.lock`: what an image was made of. Sorted and without a clock, so that the same build writes
/// the same bytes and a review shows what changed (docs/lock.md).
///
/// @param runners by platform
/// @param files the model's, by path
record Lock(SortedMap<String, Runner> runners, SortedMap<String, File> files) {
  /// @param digest of the shared runner image, which names its engines
  /// @param mlo the version it came with
  /// @param base with its digest, where it has one
  record Runner(String digest, String mlo, String base) {}

  /// @param size in bytes
  record File(long size, String digest) {}

  private static final int VERSION = 1;

  /// Of 100,000 files with long names. Bytes.
  private static final int LARGEST = 64 << 20;

  private static final int LONGEST_TEXT = 4096;

  /// So many differences are named.
  private static final int NAMED = 100;

  static Lock of(List<Stand> stands, List<ModelCard.File> model) throws IOException {
    var runners = new TreeMap<String, Runner>();
    for (Stand stand : stands) {
      RunnerStore.Stored runner = stand.runner();
      String digest = runner.baseDigest();
      String base = runner.base() + (digest.isEmpty() ? "" : "@" + digest);
      runners.put(
          stand.platform().toString(),
          new Runner(runner.image().digest().toString(), runner.version(), base));
    }
    var files = new TreeMap<String, File>();
    model.forEach(file -> files.put(file.path(), new File(file.size(), file.digest())));
    return new Lock(runners, files);
  }

  /// @throws Failure MANIFEST when there is none, or it is not what one looks like
  static Lock read(Path path) throws IOException {
    byte[] bytes;
    // Whoever opens a pipe waits for somebody who writes.
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw unreadable(path, new IOException("it is a directory, a pipe or a device"));
    }
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(LARGEST + 1);
    } catch (NoSuchFileException e) {
      throw Failure.of(ExitCode.MANIFEST, "there is no " + path.getFileName())
          .why("--locked makes an image only of what the lock names")
          .hint("mlo build --lock")
          .cause(e);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
    try {
      if (bytes.length > LARGEST) {
        throw new JsonFormatException("it is larger than 64 MiB");
      }
      return parse(Json.parse(bytes));
    } catch (JsonFormatException e) {
      throw unreadable(path, e);
    }
  }

  private static Failure unreadable(Path path, IOException why) {
    return Failure.of(ExitCode.MANIFEST, "`" + path.getFileName() + "` cannot be read")
        .why(String.valueOf(why.getMessage()))
        .hint("mlo build --lock   (writes it anew)")
        .cause(why);
  }

  private static Lock parse(JsonNode root) throws JsonFormatException {
    // First of all: what another version's lock holds is not ours to judge.
    @Nullable JsonNode version = root.get("lock");
    if (version != null && (!version.isInt() || version.intValue() != VERSION)) {
      throw new JsonFormatException(
          "`lock` is %s; this mlo knows version %d".formatted(shown(version), VERSION));
    }
    keys(root, "the lock", "lock", "runners", "model");
    var runners = new TreeMap<String, Runner>();
    for (JsonNode runner : list(root, "runners")) {
      keys(runner, "a runner", "platform", "digest", "mlo", "base");
      String platform = text(runner, "platform");
      Runner read = new Runner(digest(runner), text(runner, "mlo"), text(runner, "base"));
      if (runners.put(platform, read) != null) {
        throw new JsonFormatException("the platform `%s` stands twice".formatted(platform));
      }
    }
    var files = new TreeMap<String, File>();
    for (JsonNode file : list(root, "model")) {
      keys(file, "a file", "path", "size", "digest");
      JsonNode size = file.get("size");
      if (!size.canConvertToLong() || !size.isIntegralNumber() || size.longValue() < 0) {
        throw new JsonFormatException("`size` is %s, expected bytes".formatted(shown(size)));
      }
      String path = text(file, "path");
      if (files.put(path, new File(size.longValue(), digest(file))) != null) {
        throw new JsonFormatException("the file `%s` stands twice".formatted(path));
      }
    }
    return new Lock(runners, files);
  }

  private static void keys(JsonNode node, String what, String... expected)
      throws JsonFormatException {
    if (!node.isObject()) {
      throw new JsonFormatException("%s is %s, expected an object".formatted(what, shown(node)));
    }
    Set<String> wanted = new LinkedHashSet<>(Arrays.asList(expected));
    for (String key : expected) {
      if (!node.has(key)) {
        throw new JsonFormatException("%s lacks `%s`".formatted(what, key));
      }
    }
    for (var entry : node.properties()) {
      if (!wanted.contains(entry.getKey())) {
        throw new JsonFormatException(
            "%s has the unknown key `%s`".formatted(what, clean(entry.getKey())));
      }
    }
  }

  private static JsonNode list(JsonNode node, String key) throws JsonFormatException {
    if (!node.get(key).isArray()) {
      throw new JsonFormatException(
          "`%s` is %s, expected a list".formatted(key, shown(node.get(key))));
    }
    return node.get(key);
  }

  private static String text(JsonNode node, String key) throws JsonFormatException {
    JsonNode value = node.get(key);
    String text = value.isTextual() ? value.textValue() : "";
    if (!value.isTextual()
        || text.length() > LONGEST_TEXT
        || text.chars().anyMatch(Character::isISOControl)) {
      throw new JsonFormatException(
          "`%s` is %s, expected a line of text".formatted(key, shown(value)));
    }
    return text;
  }

  private static String digest(JsonNode node) throws JsonFormatException {
    String text = text(node, "digest");
    if (!Digest.isDigest(text)) {
      throw new JsonFormatException("`%s` is no digest".formatted(clean(text)));
    }
    return text;
  }

  private static String shown(JsonNode node) {
    return clean(node.toString());
  }

  private static String clean(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return Printable.shortened(line, 80);
  }

  /// Leaves the file alone when it says the same.
  void write(Path path) throws IOException {
    byte[] bytes = bytes();
    if (Files.isRegularFile(path) && Arrays.equals(Files.readAllBytes(path), bytes)) {
      return;
    }
    Path temporary = new TempFiles(path.resolveSibling("")).fresh();
    try {
      Files.write(temporary, bytes);
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  byte[] bytes() {
    ObjectNode root = Json.object().put("lock", VERSION);
    ArrayNode list = root.putArray("runners");
    runners.forEach((platform, runner) ->
        list.addObject()
            .put("platform", platform)
            .put("digest", runner.digest)
            .put("mlo", runner.mlo)
            .put("base", runner.base));
    ArrayNode model = root.putArray("model");
    files.forEach((path, file) ->
        model.addObject().put("path", path).put("size", file.size).put("digest", file.digest));
    return Json.pretty(root);
  }

  /// Compares what an image is about to be made of with what was locked. A platform that is locked
  /// and not being built is no difference.
  ///
  /// @throws Failure MANIFEST that names each difference
  void requireSame(Lock locked) {
    var differences = new ArrayList<String>();
    runners.forEach((platform, runner) ->
        differences(platform, locked.runners.get(platform), runner, differences));
    var paths = new TreeMap<>(locked.files);
    paths.putAll(files);
    for (String path : paths.keySet()) {
      differences(path, locked.files.get(path), files.get(path), differences);
    }
    if (differences.isEmpty()) {
      return;
    }
    List<String> named = differences.subList(0, Math.min(NAMED, differences.size()));
    Failure failure =
        Failure.of(ExitCode.MANIFEST, "the build is not what mlo.lock says").why(named);
    throw (named.size() == differences.size()
            ? failure
            : failure.why("and %d more".formatted(differences.size() - named.size())))
        .hint("mlo build --lock   (if the change is meant)");
  }

  private static void differences(
      String platform, @Nullable Runner locked, Runner now, List<String> into) {
    if (locked == null) {
      into.add("the runner image for %s is not locked".formatted(platform));
      return;
    }
    if (!locked.digest.equals(now.digest)) {
      into.add(
          "the runner image for %s is %s (mlo %s), locked is %s (mlo %s)"
              .formatted(platform, now.digest, now.mlo, locked.digest, locked.mlo));
    }
    if (!locked.base.equals(now.base)) {
      into.add("its base for %s is %s, locked is %s".formatted(platform, now.base, locked.base));
    }
  }

  private static void differences(
      String path, @Nullable File locked, @Nullable File now, List<String> into) {
    if (now == null) {
      into.add("the model's file `%s` is missing".formatted(path));
    } else if (locked == null) {
      into.add("the model's file `%s` is not locked".formatted(path));
    } else if (locked.size != now.size) {
      into.add(
          "the model's file `%s` has %d bytes, locked are %d"
              .formatted(path, now.size, locked.size));
    } else if (!locked.digest.equals(now.digest)) {
      into.add(
          "the model's file `%s` is %s, locked is %s".formatted(path, now.digest, locked.digest));
    }
  }
}
