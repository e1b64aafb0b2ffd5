package dev.mlo.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.Installation;
import dev.mlo.cli.build.RunnerStore;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutCheck;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether this installation is as it was made.
record InstallationQuestions(Installation installation, boolean deep) {
  private static final String INSTALL = "./install.sh   (in the sources, or with --from TARBALL)";
  private static final Pattern KEY = Pattern.compile("(?m)^aot_key=([0-9a-f]{16})$");

  /// How long one Java may take, so that all of them end before the question does.
  private static final Duration START = Question.USUAL.dividedBy(5);

  /// The caches of those commands for which the launcher takes the compiler that starts faster.
  private static final Set<String> QUICK = Set.of("page", "look");

  /// What the launcher's key is made of, in this order.
  private static final List<String> KEYED =
      List.of(
          "lib/mlo.jar", "lib/libraries.jar", "runtime/release", "runtime/lib/server/libjvm.so");

  List<Check> java() throws IOException, InterruptedException {
    var checks = new ArrayList<Check>();
    checks.add(
        new Check.Fine(
            "Java",
            "%s, %s, of this installation"
                .formatted(
                    Runtime.version(), System.getProperty("java.vendor", "of an unknown vendor"))));
    @Nullable String key = key();
    if (key == null) {
      return checks;
    }
    var unusable = new ArrayList<String>();
    for (String cache : List.of("page", "look", "build", "work")) {
      Optional<Boolean> usable = isUsable(key, cache);
      if (usable.isEmpty()) {
        checks.add(
            new Check.Doubtful(
                "AOT caches",
                "not tried: Java does not start in time; is this machine busy?",
                "mlo doctor   (again, when it has less to do)"));
        return checks;
      }
      if (!usable.get()) {
        unusable.add(cache);
      }
    }
    checks.add(
        unusable.isEmpty()
            ? new Check.Fine("AOT caches", "valid: commands start fast")
            : new Check.Doubtful(
                "AOT caches",
                "of no use: %s; commands start slower".formatted(String.join(", ", unusable)),
                INSTALL));
    return checks;
  }

  /// As the launcher starts it, but Java may not go on without the cache.
  ///
  /// @return nothing when Java does not end in time
  private Optional<Boolean> isUsable(String key, String cache)
      throws IOException, InterruptedException {
    Path file = installation.home().resolve("lib/mlo-%s-%s.aot".formatted(key, cache));
    if (!Files.isRegularFile(file)) {
      return Optional.of(false);
    }
    var words =
        new ArrayList<String>(
            List.of(
                installation.java().toString(),
                "-XX:AOTCache=" + file,
                "-XX:AOTMode=on",
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                installation.home().resolve("lib/mlo.jar")
                    + File.pathSeparator
                    + installation.home().resolve("lib/libraries.jar"),
                "-version"));
    if (QUICK.contains(cache)) {
      words.add(1, "-XX:TieredStopAtLevel=1");
    }
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder
        .environment()
        .keySet()
        .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    Process java = builder.start();
    try {
      return java.waitFor(START.toMillis(), TimeUnit.MILLISECONDS)
          ? Optional.of(java.exitValue() == 0)
          : Optional.empty();
    } finally {
      java.destroyForcibly();
    }
  }

  /// What the launcher says; `null`: there is no launcher.
  private @Nullable String key() throws IOException {
    Path launcher = installation.home().resolve("bin/mlo");
    if (!Files.isRegularFile(launcher)) {
      return null;
    }
    Matcher key = KEY.matcher(Files.readString(launcher));
    return key.find() ? key.group(1) : null;
  }

  List<Check> files() throws IOException {
    Path home = installation.home();
    var faults = new ArrayList<String>();
    Path parts = home.resolve("licenses/parts.json");
    if (Files.isRegularFile(parts)) {
      for (JsonNode part : Json.parse(Files.readAllBytes(parts)).path("parts")) {
        String file = part.path("file").asText();
        if (!Files.isRegularFile(home.resolve(file).normalize())) {
          faults.add(file + " is missing");
        }
      }
    } else {
      faults.add("licenses/parts.json is missing");
    }
    for (String file : KEYED) {
      if (!Files.isRegularFile(home.resolve(file))) {
        faults.add(file + " is missing");
      }
    }
    @Nullable String key = key();
    if (key == null) {
      faults.add("bin/mlo is missing");
    } else if (faults.isEmpty() && !key.equals(computed())) {
      faults.add("the jars or Java are not those that were installed");
    }
    return List.of(
        faults.isEmpty()
            ? new Check.Fine(
                "installation", "mlo %s in %s, complete".formatted(Installation.version(), home))
            : new Check.Broken(
                "installation", String.join(", ", faults), INSTALL, ExitCode.INTEGRITY));
  }

  private String computed() throws IOException {
    var text = new StringBuilder();
    for (String file : KEYED) {
      text.append(Digest.sha256(Files.readAllBytes(installation.home().resolve(file))).hex());
    }
    return Digest.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
  }

  List<Check> runnerImage() throws IOException {
    String name = "runner image";
    String fix = "mlo runner build";
    List<RunnerStore.Listed> listed = new RunnerStore(installation).list();
    Optional<RunnerStore.Listed> used =
        listed.stream()
            .filter(one -> one.inUse() && one.platform().equals(Platform.current()))
            .findFirst();
    if (used.isEmpty()) {
      return List.of(new Check.Doubtful(name, "none yet; the first build makes it", fix));
    }
    LayoutCheck found;
    try {
      found = LayoutCheck.of(installation.store(), deep);
    } catch (NotFoundException e) {
      return List.of(new Check.Doubtful(name, "none yet; the first build makes it", fix));
    }
    if (!found.faults().isEmpty()) {
      return List.of(new Check.Broken(name, found.faults().getFirst(), fix, ExitCode.INTEGRITY));
    }
    RunnerStore.Listed runner = used.get();
    String detail =
        "%s on %s for %s, engines: %s; all layers there%s"
            .formatted(
                runner.digest().brief(),
                runner.base(),
                runner.platform(),
                String.join(", ", runner.engines().keySet()),
                deep ? " and hashed" : "");
    return List.of(
        runner.version().equals(Installation.version())
            ? new Check.Fine(name, detail)
            : new Check.Doubtful(name, "it is of mlo " + runner.version(), fix));
  }
}
