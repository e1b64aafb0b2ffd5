package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The loader and the libraries of this machine that a set of programs and libraries needs: what an
/// image must hold so that they run in it.
///
/// @param files the path in the image to the file here; the loader under the exact path programs
///   ask for, each library under the name it is asked for by, in the directory where the loader
///   looks
/// @param glibc the newest version of the C library that is offered
record HostLibraries(SortedMap<String, Path> files, String glibc) {
  private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

  /// The directories a loader searches are compiled into it, each with a slash at its end.
  private static final Pattern DIRECTORY =
      Pattern.compile("(/(?:usr/)?lib[^\0/]*/(?:[^\0/]+/)?)\0");

  /// @param program the one that decides which loader is needed
  /// @param others all else that will be loaded; what is among them is not looked for on the host
  /// @throws Failure USAGE when this machine has no standard C library, or lacks a library
  static HostLibraries of(Path program, Collection<Path> others) throws IOException {
    Elf first = elf(program).orElseThrow(() -> unusable("`" + program + "` is no ELF program"));
    String interpreter = first.interpreter();
    if (!LOADER.equals(interpreter)) {
      throw unusable(
          "`%s` asks for the loader %s, not for %s".formatted(program, interpreter, LOADER));
    }
    if (!Files.isRegularFile(Path.of(LOADER))) {
      throw unusable("this machine has no " + LOADER);
    }
    return new Walk(others).from(program, first);
  }

  /// @throws Failure USAGE when this is not Linux on x86-64
  static void requirePlatform(String os, String architecture) {
    if (!os.equals("Linux") || !(architecture.equals("amd64") || architecture.equals("x86_64"))) {
      throw unusable("this machine is %s on %s".formatted(os, architecture));
    }
  }

  static Failure unusable(String why) {
    return Failure.of(
            ExitCode.USAGE,
            "the `bundled` base needs Linux on x86-64 with the GNU C library (glibc)")
        .why(why)
        .hint(
            "mlo runner build --base eclipse-temurin:25-jre   (any base with glibc, by registry)");
  }

  private static Optional<Elf> elf(Path file) throws IOException {
    try {
      return Elf.read(file);
    } catch (IOException e) {
      throw unusable("`%s` cannot be read: %s".formatted(file, e.getMessage())).cause(e);
    }
  }

  private static final class Walk {
    private final Collection<Path> others;
    private final Set<String> own = new HashSet<>();
    private final List<Path> directories = new ArrayList<>();
    private final TreeMap<String, Path> found = new TreeMap<>();
    private final Map<String, Elf> libraries = new LinkedHashMap<>();

    Walk(Collection<Path> others) throws IOException {
      this.others = others;
      String loader = Files.readString(Path.of(LOADER), StandardCharsets.ISO_8859_1);
      DIRECTORY
          .matcher(loader)
          .results()
          .map((MatchResult match) -> Path.of(match.group(1)))
          .filter(Files::isDirectory)
          .distinct()
          .forEach(directories::add);
    }

    HostLibraries from(Path program, Elf first) throws IOException {
      found.put(LOADER.substring(1), Path.of(LOADER).toRealPath());
      String loaderName = String.valueOf(Path.of(LOADER).getFileName());
      libraries.put(loaderName, elf(Path.of(LOADER)).orElseThrow());
      var users = new LinkedHashMap<Path, Elf>();
      users.put(program, first);
      for (Path file : others) {
        own.add(String.valueOf(file.getFileName()));
        elf(file)
            .ifPresent(elf -> {
              users.put(file, elf);
              Optional.ofNullable(elf.soname()).ifPresent(own::add);
            });
      }
      var waiting = new ArrayDeque<>(users.keySet());
      while (!waiting.isEmpty()) {
        Path user = waiting.remove();
        for (String name : users.getOrDefault(user, first).needed()) {
          if (!own.contains(name) && !libraries.containsKey(name)) {
            Path library = locate(name, user);
            Elf elf = elf(library).orElseThrow(() -> unusable("`" + library + "` is no library"));
            libraries.put(name, elf);
            users.put(library, elf);
            waiting.add(library);
          }
        }
      }
      users.forEach(this::requireVersions);
      return new HostLibraries(found, glibc());
    }

    private Path locate(String name, Path user) throws IOException {
      for (Path directory : directories) {
        Path file = directory.resolve(name);
        if (Files.isRegularFile(file)) {
          found.put(file.toString().substring(1), file.toRealPath());
          return file;
        }
      }
      throw Failure.of(ExitCode.USAGE, "this machine lacks the library `%s`".formatted(name))
          .why("`%s` needs it".formatted(user))
          .hint(
              name.startsWith("libstdc++") || name.startsWith("libgcc")
                  ? "sudo apt-get install libstdc++6   (Fedora: sudo dnf install libstdc++)"
                  : "install it, or choose another base: mlo runner build --base IMAGE");
    }

    /// A library of the right name may still be too old.
    private void requireVersions(Path user, Elf elf) {
      elf.versionsNeeded()
          .forEach((library, versions) -> {
            @Nullable Elf offered = libraries.get(library);
            if (offered != null && !offered.versionsDefined().containsAll(versions)) {
              var missing = new ArrayList<>(versions);
              missing.removeAll(offered.versionsDefined());
              throw unusable(
                  "`%s` needs %s of %s, which is older here"
                      .formatted(user, String.join(", ", missing), library));
            }
          });
    }

    private String glibc() {
      Pattern release = Pattern.compile("GLIBC_(\\d+)\\.(\\d+)");
      @Nullable Elf libc = libraries.get("libc.so.6");
      return libc == null
          ? ""
          : libc.versionsDefined().stream()
              .map(release::matcher)
              .filter(java.util.regex.Matcher::matches)
              .map(m -> new int[] {Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))})
              .max(java.util.Comparator.<int[]>comparingInt(v -> v[0]).thenComparingInt(v -> v[1]))
              .map(v -> v[0] + "." + v[1])
              .orElse("");
    }
  }
}
