package dev.mlo.cli.command;

import java.util.List;
import picocli.CommandLine.Option;

/// Registries that are reached with less than TLS and a good certificate. Hosts are named, one by
/// one: nothing is tried out, and nothing is given up for all of them.
public final class HostOptions {
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
      description = "A registry to ask with TLS whose certificate is not checked. May be repeated.")
  List<String> insecure = List.of();
}
