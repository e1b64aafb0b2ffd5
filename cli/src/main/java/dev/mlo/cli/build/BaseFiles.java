package dev.mlo.cli.build;

import dev.mlo.oci.LayerEntries;
import dev.mlo.oci.LayerEntries.Entry;
import dev.mlo.oci.LayerReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files that the layers of an image make together, lowest layer first, with deletions heeded
/// (OCI image specification, "Image Layer Filesystem Changeset"). Only what a loader may load and a
/// few small texts are kept with their content; they lie on this disk under names of our own.
final class BaseFiles {
  /// Where loaders look, one directory deep.
  private static final Pattern LIBRARY =
      Pattern.compile("(?:usr/)?lib[^/]*/(?:[^/]+/)?[^/]*\\.so[^/]*");

  private static final Pattern TEXT = Pattern.compile("etc/(?:passwd|group)");
  private static final long LARGEST_LIBRARY = 256L << 20;
  private static final long LARGEST_TEXT = 1L << 20;
  private static final int MAX_LINKS = 40;

  /// Beyond any base that runs somewhere, and within what a disk of today holds.
  private static final LayerReader.Limits LIMITS = new LayerReader.Limits(64L << 30, 1_000_000);

  private static final String DELETION = ".wh.";
  private static final String ALL_BELOW = ".wh..wh..opq";

  private sealed interface Node {
    /// The layer it came with.
    int layer();
  }

  /// @param content `null` where it was not kept
  private record Regular(int layer, @Nullable Path content) implements Node {}

  private record Folder(int layer) implements Node {}

  private record Link(int layer, String target) implements Node {}

  private record Other(int layer) implements Node {}

  private final Path kept;
  private final boolean withJava;
  private final TreeMap<String, Node> nodes = new TreeMap<>();
  private int layer;
  private int files;

  /// @param kept an empty directory for the contents that are kept
  /// @param withJava whether what a Java of the base consists of is kept as well
  BaseFiles(Path kept, boolean withJava) {
    this.kept = kept;
    this.withJava = withJava;
  }

  /// Lays the next layer over what is there.
  LayerEntries.Walked add(InputStream tar) throws IOException {
    layer++;
    return LayerEntries.walk(tar, LIMITS, this::visit);
  }

  private void visit(Entry entry, InputStream body) throws IOException {
    String name = entry.path().substring(entry.path().lastIndexOf('/') + 1);
    String folder = through(entry.path().substring(0, entry.path().length() - name.length()));
    if (name.equals(ALL_BELOW)) {
      removeBelow(folder);
    } else if (name.startsWith(DELETION)) {
      remove(folder + name.substring(DELETION.length()));
    } else {
      put(folder + name, node(entry, body));
    }
  }

  /// Where a directory of an upper layer really lies when a lower one has a link on the way to it.
  private String through(String folder) {
    @Nullable String real = real(folder);
    return real == null || real.isEmpty() ? folder : real + "/";
  }

  private Node node(Entry entry, InputStream body) throws IOException {
    return switch (entry.kind()) {
      case DIRECTORY -> new Folder(layer);
      case SYMBOLIC_LINK -> new Link(layer, entry.target());
      case HARD_LINK ->
          nodes.get(entry.target()) instanceof Regular same
              ? new Regular(layer, same.content)
              : new Other(layer);
      case FILE -> new Regular(layer, isWanted(entry) ? keep(body) : null);
      case OTHER -> new Other(layer);
    };
  }

  private boolean isWanted(Entry entry) {
    String path = entry.path();
    boolean library =
        LIBRARY.matcher(path).matches()
            || (withJava
                && (BaseJava.PROGRAM.matcher(path).matches()
                    || BaseJava.LIBRARY.matcher(path).matches()));
    boolean text =
        TEXT.matcher(path).matches() || (withJava && BaseJava.RELEASE.matcher(path).matches());
    return (library && entry.size() <= LARGEST_LIBRARY) || (text && entry.size() <= LARGEST_TEXT);
  }

  private Path keep(InputStream body) throws IOException {
    files++;
    Path file = kept.resolve(String.valueOf(files));
    Files.copy(body, file);
    return file;
  }

  private void put(String path, Node node) {
    if (!(node instanceof Folder)) {
      nodes.subMap(path + "/", path + "0").clear();
    }
    nodes.put(path, node);
  }

  private void remove(String path) {
    @Nullable Node node = nodes.get(path);
    if (node != null && node.layer() < layer) {
      nodes.remove(path);
    }
    removeBelow(path + "/");
  }

  /// Deletions concern the layers below, whatever order the entries of this one are in.
  private void removeBelow(String folder) {
    var below =
        folder.isEmpty()
            ? nodes
            : nodes.subMap(folder, folder.substring(0, folder.length() - 1) + "0");
    below.values().removeIf(node -> node.layer() < layer);
  }

  /// The content of a regular file, links followed, where it was kept.
  Optional<Path> content(String path) {
    @Nullable String real = real(path);
    return real != null && nodes.get(real) instanceof Regular file
        ? Optional.ofNullable(file.content)
        : Optional.empty();
  }

  /// The path of a regular file with no link in it; empty where there is no such file.
  Optional<String> place(String path) {
    @Nullable String real = real(path);
    return real != null && nodes.get(real) instanceof Regular
        ? Optional.of(real)
        : Optional.empty();
  }

  /// The content of a small text.
  Optional<String> text(String path) throws IOException {
    Optional<Path> file = content(path);
    return file.isPresent()
        ? Optional.of(Files.readString(file.get(), StandardCharsets.ISO_8859_1))
        : Optional.empty();
  }

  /// Whether there is anything of this name, links followed.
  boolean has(String path) {
    @Nullable String real = real(path);
    return real != null && (nodes.containsKey(real) || hasBelow(real));
  }

  /// Whether the directory of this name holds anything.
  boolean hasBelow(String path) {
    return !nodes.subMap(path + "/", path + "0").isEmpty();
  }

  /// Whether a layer that holds this directory would put it where something else is now.
  boolean isInTheWay(String path) {
    String at = path;
    while (!at.isEmpty()) {
      @Nullable Node node = nodes.get(at);
      if (node != null && !(node instanceof Folder)) {
        return true;
      }
      at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
    }
    return false;
  }

  /// Whether a file of this name can be written over what is there.
  boolean isFile(String path) {
    return nodes.get(path) instanceof Regular;
  }

  /// The path with no link in it; `null` where links lead in a circle.
  private @Nullable String real(String path) {
    var rest = new ArrayDeque<>(List.of(path.split("/")));
    var at = new ArrayList<String>();
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.remove();
      if (name.equals("..") && !at.isEmpty()) {
        at.removeLast();
      }
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        continue;
      }
      at.add(name);
      if (nodes.get(String.join("/", at)) instanceof Link link) {
        links++;
        if (links > MAX_LINKS) {
          return null;
        }
        if (link.target.startsWith("/")) {
          at.clear();
        } else {
          at.removeLast();
        }
        List.of(link.target.split("/")).reversed().forEach(rest::addFirst);
      }
    }
    return String.join("/", at);
  }
}
