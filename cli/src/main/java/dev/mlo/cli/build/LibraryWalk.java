package dev.mlo.cli.build;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Goes from programs to the libraries they need, and the ones those need, as the loader of a root
/// file system will.
final class LibraryWalk {
  /// The directories a loader searches are compiled into it, each with a slash at its end.
  private static final Pattern DIRECTORY =
      Pattern.compile("(/(?:usr/)?lib[^\0/]*/(?:[^\0/]+/)?)\0");

  private static final Pattern RELEASE = Pattern.compile("GLIBC_(\\d+)\\.(\\d+)");

  private final LibraryRoot root;
  private final Processor processor;
  private final Set<String> own = new HashSet<>();
  private final Set<String> directories = new LinkedHashSet<>();
  private final TreeMap<String, Path> found = new TreeMap<>();
  private final Map<String, Elf> libraries = new LinkedHashMap<>();
  private final Map<String, Elf> users = new LinkedHashMap<>();

  private LibraryWalk(LibraryRoot root, Processor processor) {
    this.root = root;
    this.processor = processor;
  }

  /// @param processor the one everything must be for
  /// @param program the one that decides which loader is needed
  /// @param others all else that will be loaded; what is among them is not looked for in the root
  /// @throws Failure when the root has no standard C library, lacks a library, or has one too old
  static Libraries of(LibraryRoot root, Processor processor, Path program, Collection<Path> others)
      throws IOException {
    LibraryWalk walk = new LibraryWalk(root, processor);
    walk.start(program);
    for (Path file : others) {
      walk.add(file);
    }
    walk.follow();
    walk.users.forEach(walk::requireVersions);
    return new Libraries(walk.found, walk.glibc());
  }

  private void start(Path program) throws IOException {
    Elf elf =
        elf(program, program.toString())
            .orElseThrow(() -> root.unusable("`" + program + "` is no ELF program"));
    String path = processor.loader();
    if (!path.equals(elf.interpreter())) {
      throw root.unusable(
          "`%s` asks for the loader %s, not for %s".formatted(program, elf.interpreter(), path));
    }
    Path loader = root.file(path).orElseThrow(() -> root.unusable("there is no " + path));
    found.put(path.substring(1), loader);
    libraries.put(
        path.substring(path.lastIndexOf('/') + 1),
        elf(loader, path).orElseThrow(() -> root.unusable(path + " is no ELF program")));
    DIRECTORY
        .matcher(Files.readString(loader, StandardCharsets.ISO_8859_1))
        .results()
        .map((MatchResult match) -> match.group(1))
        .forEach(directories::add);
    users.put(program.toString(), elf);
  }

  private void add(Path file) throws IOException {
    own.add(String.valueOf(file.getFileName()));
    elf(file, file.toString())
        .ifPresent(elf -> {
          users.put(file.toString(), elf);
          Optional.ofNullable(elf.soname()).ifPresent(own::add);
        });
  }

  private void follow() throws IOException {
    var waiting = new ArrayDeque<>(users.entrySet());
    while (!waiting.isEmpty()) {
      Map.Entry<String, Elf> user = waiting.remove();
      for (String name : user.getValue().needed()) {
        if (!own.contains(name) && !libraries.containsKey(name)) {
          waiting.add(locate(name, user.getKey()));
        }
      }
    }
  }

  private Map.Entry<String, Elf> locate(String name, String user) throws IOException {
    for (String directory : directories) {
      String path = directory + name;
      Optional<Path> file = root.file(path);
      if (file.isPresent()) {
        Elf elf =
            elf(file.get(), path).orElseThrow(() -> root.unusable("`" + path + "` is no library"));
        found.put(path.substring(1), file.get());
        libraries.put(name, elf);
        users.put(path, elf);
        return Map.entry(path, elf);
      }
    }
    throw root.lacks(name, user);
  }

  private Optional<Elf> elf(Path file, String shown) throws IOException {
    try {
      Optional<Elf> elf = Elf.read(file);
      if (elf.isPresent() && elf.get().processor() != processor) {
        throw root.unusable(
            "`%s` is for %s, not for %s".formatted(shown, elf.get().processor(), processor));
      }
      return elf;
    } catch (IOException e) {
      throw root.unusable("`%s` cannot be read: %s".formatted(shown, e.getMessage())).cause(e);
    }
  }

  /// A library of the right name may still be too old.
  private void requireVersions(String user, Elf elf) {
    elf.versionsNeeded()
        .forEach((library, versions) -> {
          @Nullable Elf offered = libraries.get(library);
          if (offered != null && !offered.versionsDefined().containsAll(versions)) {
            var missing = new ArrayList<>(versions);
            missing.removeAll(offered.versionsDefined());
            throw root.unusable(
                "`%s` needs %s of %s, which is older there"
                    .formatted(user, String.join(", ", missing), library));
          }
        });
  }

  private String glibc() {
    @Nullable Elf libc = libraries.get("libc.so.6");
    List<String> versions = libc == null ? List.of() : List.copyOf(libc.versionsDefined());
    return versions.stream()
        .map(RELEASE::matcher)
        .filter(Matcher::matches)
        .map(m -> new int[] {Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))})
        .max(Comparator.<int[]>comparingInt(v -> v[0]).thenComparingInt(v -> v[1]))
        .map(v -> v[0] + "." + v[1])
        .orElse("");
  }
}
