package dev.mlo.onnx;

import dev.mlo.contract.Printable;
import dev.mlo.onnx.OnnxModel.External;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Finds the files in which an ONNX model keeps weights, and sees to it that they are what they
/// must be: inside the model's directory, there, and long enough.
final class ExternalData {
  private static final int MAX_SHOWN = 10;

  /// What the engine takes for an address in its own memory instead of a file's name.
  private static final String ENGINE_MEMORY = "*/_ORT";

  private final Path directory;
  private final Map<String, Long> sizes = new HashMap<>();
  private final Map<String, String> faults = new TreeMap<>();

  private ExternalData(Path directory) {
    this.directory = directory;
  }

  /// @param entry the model file
  static ExternalData check(Path entry, List<External> externals) {
    var data = new ExternalData(entry.toAbsolutePath().normalize().resolveSibling(""));
    externals.forEach(data::check);
    return data;
  }

  /// Relative to the entry's directory, sorted.
  List<String> files() {
    return sizes.keySet().stream().sorted().toList();
  }

  /// One for each file that is not as it must be.
  List<String> faults() {
    var shown = new ArrayList<>(faults.values().stream().limit(MAX_SHOWN).toList());
    if (faults.size() > MAX_SHOWN) {
      shown.add("and %d more".formatted(faults.size() - MAX_SHOWN));
    }
    return shown;
  }

  private void check(External external) {
    String fault = fault(external);
    if (fault != null) {
      faults.putIfAbsent(external.location(), fault);
    }
  }

  private @Nullable String fault(External external) {
    String location = external.location();
    String subject =
        "`%s` (tensor `%s`): ".formatted(Printable.of(location), Printable.of(external.tensor()));
    if (location.startsWith(ENGINE_MEMORY)) {
      return subject + "this is no file but a place in the engine's memory";
    }
    String relative = relative(location);
    if (relative == null) {
      return subject + "the path is not inside the model's directory";
    }
    Long size = sizes.get(relative);
    if (size == null) {
      String problem = open(relative);
      if (problem != null) {
        return subject + problem;
      }
      size = sizes.get(relative);
    }
    return size == null ? null : range(external, size, subject);
  }

  private static @Nullable String range(External external, long size, String subject) {
    long length = external.length() >= 0 ? external.length() : Math.max(external.expected(), 0);
    if (external.offset() > size || length > size - external.offset()) {
      return subject
          + "%d bytes from byte %d on are asked for and the file has %d"
              .formatted(length, external.offset(), size);
    }
    if (external.length() > 0
        && external.expected() >= 0
        && external.length() != external.expected()) {
      return subject
          + "%d bytes are given and the tensor has %d"
              .formatted(external.length(), external.expected());
    }
    return null;
  }

  /// The location with single `/` and without `.`; `null` when it leads out of the directory.
  private static @Nullable String relative(String location) {
    if (location.isEmpty() || location.chars().anyMatch(c -> c < ' ')) {
      return null;
    }
    try {
      Path path = Path.of(location);
      if (path.isAbsolute()) {
        return null;
      }
      for (Path part : path) {
        if (part.toString().equals("..")) {
          return null;
        }
      }
      String normal = path.normalize().toString();
      return normal.isEmpty() ? null : normal;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /// Notes the file's size, or says what is wrong with it.
  private @Nullable String open(String relative) {
    Path file = directory.resolve(relative);
    try {
      if (!Files.exists(file)) {
        return "there is no such file";
      }
      if (!file.toRealPath().startsWith(directory.toRealPath())) {
        return "the link leads out of the model's directory";
      }
      if (!Files.isRegularFile(file)) {
        return "this is no file";
      }
      if (!Files.isReadable(file)) {
        return "the file may not be read";
      }
      sizes.put(relative, Files.size(file));
      return null;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
