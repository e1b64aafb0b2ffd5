package dev.mlo;

import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The table `| package | job | may use |` of ARCHITECTURE.md, as package names that ArchUnit
/// matches.
record PackageTable(Map<String, Set<String>> rows) {
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z.]+)` \\|[^|]*\\|([^|]*)\\|", Pattern.MULTILINE);

  /// What a library's name in the table stands for. Whoever reads and writes JSON documents sees
  /// Jackson's tree.
  private static final Map<String, List<String>> LIBRARIES =
      Map.ofEntries(
          Map.entry("json", List.of("com.fasterxml.jackson..")),
          Map.entry("Jackson", List.of("com.fasterxml.jackson..")),
          Map.entry("SnakeYAML", List.of("org.yaml.snakeyaml..")),
          Map.entry("Commons Compress", List.of("org.apache.commons.compress..")),
          Map.entry("ONNX Runtime", List.of("ai.onnxruntime..")),
          Map.entry("PMML4S", List.of("org.pmml4s..", "scala..")),
          Map.entry("StAX", List.of("javax.xml..")),
          Map.entry("TLS", List.of("javax.net.ssl..")),
          Map.entry("Jetty", List.of("org.eclipse.jetty..")),
          Map.entry(
              "gRPC",
              List.of("io.grpc..", "com.google.protobuf..", "com.google.common..", "inference..")),
          Map.entry("Netty", List.of("io.netty..")),
          Map.entry("Prometheus", List.of("io.prometheus..")),
          Map.entry("JGit", List.of("org.eclipse.jgit..")),
          Map.entry("docker-java", List.of("com.github.dockerjava..")),
          Map.entry("picocli", List.of("picocli..")));

  private static final List<String> CORE =
      List.of("json", "oci", "oci.registry", "contract", "attest", "backend");

  static PackageTable read(Path architecture) {
    try {
      Map<String, String> cells = new LinkedHashMap<>();
      Matcher row = ROW.matcher(Files.readString(architecture));
      while (row.find()) {
        cells.put(row.group(1), row.group(2).strip());
      }
      Map<String, Set<String>> rows = new LinkedHashMap<>();
      cells.forEach((name, uses) -> rows.put(name, allowed(name, uses, cells.keySet())));
      return new PackageTable(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> allowed(String name, String uses, Set<String> known) {
    Set<String> packages = new TreeSet<>(Set.of("java..", "org.jspecify..", "dev.mlo." + name));
    for (String word : uses.split(", ", -1)) {
      packages.addAll(
          switch (word) {
            case "" -> List.of();
            case "all of cli" -> together("cli.", known);
            case "all of runner" -> together("runner.", known);
            case "results and events of the use cases" -> useCases(known);
            default -> one(name, word, known);
          });
    }
    return packages;
  }

  private static Set<String> together(String prefix, Set<String> known) {
    return Stream.concat(known.stream().filter(name -> name.startsWith(prefix)), CORE.stream())
        .flatMap(name -> Stream.concat(Stream.of("dev.mlo." + name), library(name)))
        .collect(toCollection(TreeSet::new));
  }

  private static Set<String> useCases(Set<String> known) {
    Set<String> packages = together("cli.", known);
    packages.remove("dev.mlo.cli.command");
    return packages;
  }

  /// A package is named in full, or by its last part in the rows of its siblings; a row never names
  /// itself, so `onnx` in the row of `backend.onnx` is the package of that name.
  private static List<String> one(String name, String word, Set<String> known) {
    String sibling = name.substring(0, name.lastIndexOf('.') + 1) + word;
    Stream<String> ours =
        Stream.of(sibling, word)
            .filter(found -> known.contains(found) && !found.equals(name))
            .limit(1)
            .map(found -> "dev.mlo." + found);
    List<String> found = Stream.concat(ours, library(word)).toList();
    if (found.isEmpty()) {
      throw new IllegalStateException(
          "ARCHITECTURE.md: `"
              + name
              + "` may use "
              + word
              + ", which is no package and no library");
    }
    return found;
  }

  private static Stream<String> library(String word) {
    return LIBRARIES.getOrDefault(word, List.of()).stream();
  }
}
