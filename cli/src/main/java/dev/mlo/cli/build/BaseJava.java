package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ImageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The Java that a base brings along. It serves where this installation's own is for another
/// processor.
///
/// @param home its directory in the image, absolute
/// @param version as its file `release` tells it, `25.0.1`
/// @param libraries the ones the runner loads, as files of this disk; the program first
record BaseJava(String home, String version, List<Path> libraries) {
  /// What of a Java lies where; other files of it are not looked at.
  static final Pattern PROGRAM = Pattern.compile("(?:.+/)?bin/java");

  static final Pattern RELEASE = Pattern.compile("(?:.+/)?release");
  static final Pattern LIBRARY = Pattern.compile("(?:.+/)?lib/(?:server/)?lib[a-z_]+\\.so");

  /// It goes into a search path and onto terminals.
  private static final Pattern PLACE = Pattern.compile("[A-Za-z0-9._+/-]{1,200}/bin/java");

  private static final int OLDEST = 25;
  private static final Pattern VERSION =
      Pattern.compile("^JAVA_VERSION=\"((\\d{1,4})[0-9A-Za-z.+_-]{0,40})\"$", Pattern.MULTILINE);
  private static final Pattern MODULES =
      Pattern.compile("^MODULES=\"([a-z0-9. ]+)\"$", Pattern.MULTILINE);

  /// What the runner has loaded when it serves. Others, of windows and sound, ask for libraries
  /// that no base for servers has.
  private static final List<String> LOADED =
      List.of(
          "lib/libjli.so",
          "lib/libjava.so",
          "lib/libjimage.so",
          "lib/libnet.so",
          "lib/libnio.so",
          "lib/libzip.so",
          "lib/libinstrument.so",
          "lib/libmanagement.so");

  /// Where programs look when nothing says where Java is.
  private static final List<String> USUAL =
      List.of("usr/bin/java", "usr/local/bin/java", "opt/java/openjdk/bin/java");

  BaseJava {
    libraries = List.copyOf(libraries);
  }

  /// The program that starts it, an absolute path in the image.
  String program() {
    return home + "/bin/java";
  }

  /// @param root for what to say when it will not do
  /// @throws Failure USAGE when there is none, or it is not one the runner can use
  static BaseJava of(BaseFiles files, ImageConfig config, LibraryRoot root, Installation ours)
      throws IOException {
    String program = program(files, config, root);
    String home = program.substring(0, program.length() - "/bin/java".length());
    String release = files.text(home + "/release").orElse("");
    Matcher version = VERSION.matcher(release);
    if (!version.find() || Integer.parseInt(version.group(2)) < OLDEST) {
      throw root.unusable(
          "its Java in /%s is %s, the runner needs Java %d"
              .formatted(
                  home, version.hasMatch() ? version.group(1) : "of an unknown version", OLDEST));
    }
    requireModules(release, home, root, ours);
    var libraries = new ArrayList<Path>();
    libraries.add(files.content(program).orElseThrow(() -> root.unusable("its Java is no file")));
    libraries.add(
        files
            .content(home + "/lib/server/libjvm.so")
            .orElseThrow(() -> root.unusable("its Java in /%s has no libjvm.so".formatted(home))));
    for (String library : LOADED) {
      files.content(home + "/" + library).ifPresent(libraries::add);
    }
    return new BaseJava("/" + home, version.group(1), libraries);
  }

  private static String program(BaseFiles files, ImageConfig config, LibraryRoot root) {
    var places = new ArrayList<String>();
    for (String variable : config.environment()) {
      if (variable.startsWith("JAVA_HOME=/")) {
        places.add(variable.substring("JAVA_HOME=/".length()) + "/bin/java");
      }
    }
    places.addAll(USUAL);
    return places.stream()
        .map(files::place)
        .flatMap(Optional::stream)
        .filter(place -> PLACE.matcher(place).matches())
        .findFirst()
        .orElseThrow(() ->
            root.unusable(
                "it has no Java, and this installation's is for another processor: for another"
                    + " platform than this machine's the base must bring Java %d"
                        .formatted(OLDEST)));
  }

  /// A Java that was cut down may lack what the runner uses.
  private static void requireModules(
      String release, String home, LibraryRoot root, Installation ours) throws IOException {
    Path own = ours.runtime().resolve("release");
    Matcher has = MODULES.matcher(release);
    Matcher needs = MODULES.matcher(Files.isRegularFile(own) ? Files.readString(own) : "");
    if (has.find() && needs.find()) {
      var missing = new ArrayList<>(List.of(needs.group(1).split(" ", -1)));
      missing.removeAll(Set.of(has.group(1).split(" ", -1)));
      if (!missing.isEmpty()) {
        throw root.unusable(
            "its Java in /%s lacks the modules %s".formatted(home, String.join(", ", missing)));
      }
    }
  }
}
