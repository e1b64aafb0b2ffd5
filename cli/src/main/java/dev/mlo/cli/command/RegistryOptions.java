package dev.mlo.cli.command;

import dev.mlo.cli.project.Images;
import dev.mlo.oci.registry.Registries;
import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// How a command reaches registries. Hosts are named, one by one: nothing is tried out, and nothing
/// is given up for all of them.
public final class RegistryOptions {
  @Option(
      names = "--plain-http",
      paramLabel = "HOST",
      split = ",",
      description =
          "A registry to ask without TLS, HOST or HOST:PORT; this machine always is. May be"
              + " repeated.")
  List<String> plainHttp = List.of();

  @Option(
      names = "--insecure",
      paramLabel = "HOST",
      split = ",",
      description = "A registry whose certificate is not checked. May be repeated.")
  List<String> insecure = List.of();

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      split = ":",
      description = "Certificates (PEM) to believe beside the usual ones. May be repeated.")
  List<Path> caFiles = List.of();

  /// The variables of this process, with the options in them.
  Map<String, String> environment() {
    var all = new HashMap<>(System.getenv());
    all.put(Registries.PLAIN, String.join(",", plainHttp));
    all.put(Registries.INSECURE, String.join(",", insecure));
    all.put(
        Registries.AUTHORITIES,
        caFiles.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    return all;
  }

  Images on(Images images) {
    return images.reaching(environment());
  }
}
