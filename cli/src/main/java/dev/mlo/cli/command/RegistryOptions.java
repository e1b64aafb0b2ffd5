package dev.mlo.cli.command;

import dev.mlo.cli.project.Images;
import dev.mlo.oci.registry.Registries;
import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a command reaches registries.
public final class RegistryOptions {
  @Mixin HostOptions hosts = new HostOptions();

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      split = ":",
      description = "Certificates (PEM) to believe beside the usual ones. May be repeated.")
  List<Path> caFiles = List.of();

  /// The variables of this process, with the options in them.
  Map<String, String> environment() {
    var all = new HashMap<>(System.getenv());
    all.put(Registries.PLAIN, String.join(",", hosts.plainHttp));
    all.put(Registries.INSECURE, String.join(",", hosts.insecure));
    all.put(
        Registries.AUTHORITIES,
        caFiles.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    return all;
  }

  Images on(Images images) {
    return images.reaching(environment());
  }
}
