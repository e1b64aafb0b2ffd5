package dev.mlo.contract;

import java.util.ArrayList;
import java.util.List;

/// How Java starts the runner, in a container as on this machine.
///
/// @param folder with the runner's jars
/// @param archived whether its class-data archive lies there too, which this very Java made: then
///   half of the start is saved
/// @param temporary for files of the moment; native libraries are loaded from there
public record RunnerJava(String folder, boolean archived, String temporary) {
  /// The classes as Java keeps them in memory; a Java that is not the one that wrote it goes
  /// without.
  public static final String ARCHIVE = "runner.jsa";

  /// What follows `java`.
  public List<String> arguments() {
    var arguments = new ArrayList<>(List.of("-XX:+UseSerialGC"));
    if (archived) {
      arguments.add("-XX:SharedArchiveFile=" + folder + "/" + ARCHIVE);
      // A Java that goes without it starts slower; that is no error to be read in a log.
      arguments.add("-Xlog:cds=off");
    }
    arguments.add("--enable-native-access=ALL-UNNAMED");
    // Netty asks for it, and Scala in the engine for PMML; Java would say so in the log.
    arguments.add("--sun-misc-unsafe-memory-access=allow");
    arguments.add("-Djava.io.tmpdir=" + temporary);
    // The archive is of one class path in one order; `*` has the order of the directory.
    arguments.addAll(List.of("-cp", folder + (archived ? "/mlo-runner.jar" : "/*")));
    arguments.add("dev.mlo.runner.Runner");
    return arguments;
  }
}
