package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Items;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import dev.mlo.contract.Batching;
import dev.mlo.contract.DataType;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes a project of a document in which nothing is wrong.
final class ProjectAssembly {
  static final List<String> DEFAULT_ENVIRONMENTS = List.of("dev", "test", "prod");
  private static final double DEFAULT_TOLERANCE = 1e-5;

  private final Mapping root;
  private final Path directory;
  private final IgnoreFile ignore;

  private ProjectAssembly(Mapping root, Path directory, IgnoreFile ignore) {
    this.root = root;
    this.directory = directory;
    this.ignore = ignore;
  }

  static Project assemble(Mapping root, Path manifest, IgnoreFile ignore) {
    Path directory = manifest.resolveSibling("");
    var assembly = new ProjectAssembly(root, directory, ignore);
    return new Project(
        directory,
        manifest,
        root.text("name").orElseThrow(),
        root.text("version").orElse(null),
        root.text("description").map(String::strip).orElse(null),
        root.text("license").orElse(null),
        root.scalars("authors").stream().map(Scalar::text).toList(),
        assembly.labels(),
        assembly.model(),
        assembly.examples(),
        assembly.provenance(),
        assembly.serve(),
        assembly.image(),
        assembly.environments(),
        assembly.ledger());
  }

  private Path resolve(String written) {
    return directory.resolve(written).normalize();
  }

  private Map<String, String> labels() {
    var labels = new LinkedHashMap<String, String>();
    root.mapping("labels")
        .ifPresent(map ->
            map.entries().forEach(e -> labels.put(e.key().text(), ((Scalar) e.value()).text())));
    return labels;
  }

  private Project.Model model() {
    Path path = resolve(MeaningCheck.modelPath(root).orElseThrow().text());
    return root.mapping("model")
        .map(model ->
            new Project.Model(
                path,
                model.text("format").orElse(null),
                model.scalars("exclude").stream().map(Scalar::text).toList(),
                ignore,
                tensors(model.mappings("inputs")),
                tensors(model.mappings("outputs")),
                model.get("parameters").map(ProjectAssembly::json).orElse(null)))
        .orElseGet(
            () -> new Project.Model(path, null, List.of(), ignore, List.of(), List.of(), null));
  }

  private static List<TensorSpec> tensors(List<Mapping> written) {
    return written.stream()
        .map(tensor ->
            new TensorSpec(
                tensor.text("name").orElseThrow(),
                DataType.parse(tensor.text("datatype").orElseThrow()),
                new Shape(tensor.scalars("shape").stream().map(ProjectAssembly::whole).toList())))
        .toList();
  }

  private static long whole(Scalar scalar) {
    Long number = Numbers.whole(scalar.text());
    if (number == null) {
      throw new IllegalStateException(scalar.text());
    }
    return number;
  }

  private List<Project.Example> examples() {
    return root.mappings("examples").stream()
        .map(example ->
            new Project.Example(
                resolve(example.text("request").orElseThrow()),
                resolve(example.text("response").orElseThrow()),
                example.text("tolerance").map(Numbers::real).orElse(DEFAULT_TOLERANCE)))
        .toList();
  }

  /// As written, with metrics from a file put in its place.
  private @Nullable JsonNode provenance() {
    Optional<Mapping> written = root.mapping("provenance");
    if (written.isEmpty()) {
      return null;
    }
    ObjectNode provenance = (ObjectNode) json(written.get());
    written
        .get()
        .text("metrics")
        .ifPresent(file -> provenance.set("metrics", metrics(resolve(file))));
    return provenance;
  }

  private static ObjectNode metrics(Path file) {
    try {
      return Metrics.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServeSettings serve() {
    ServeSettings otherwise = ServeSettings.DEFAULT;
    return root.mapping("serve")
        .map(serve ->
            new ServeSettings(
                serve
                    .scalar("workers")
                    .filter(workers -> !workers.text().equals("auto"))
                    .map(workers -> (int) whole(workers))
                    .orElse(otherwise.workers()),
                serve.scalar("queue").map(q -> (int) whole(q)).orElse(otherwise.queue()),
                serve.text("timeout").map(Numbers::millis).orElse(otherwise.timeoutMillis()),
                serve.text("max-request").map(Numbers::bytes).orElse(otherwise.maxRequestBytes()),
                serve.mapping("batching").map(ProjectAssembly::batching).orElse(null)))
        .orElse(otherwise);
  }

  private static Batching batching(Mapping batching) {
    Batching otherwise = Batching.DEFAULT;
    return new Batching(
        batching.scalar("max").map(max -> (int) whole(max)).orElse(otherwise.max()),
        batching.text("delay").map(Numbers::millis).orElse(otherwise.delayMillis()));
  }

  private Project.Image image() {
    Optional<Mapping> image = root.mapping("image");
    return new Project.Image(
        image.flatMap(map -> map.text("repository")).orElse(null),
        image
            .flatMap(map -> map.text("runner"))
            .filter(runner -> !runner.equals("default"))
            .orElse(null),
        image.map(map -> map.scalars("platforms")).orElse(List.of()).stream()
            .map(platform -> Platform.parse(platform.text()))
            .toList());
  }

  private List<Environment> environments() {
    List<Entry> written =
        root.mapping("environments").map(Mapping::entries).orElseGet(ProjectAssembly::defaults);
    var environments = new ArrayList<Environment>();
    String previous = null;
    for (Entry entry : written) {
      environments.add(environment(entry.key().text(), (Mapping) entry.value(), previous));
      previous = entry.key().text();
    }
    return environments;
  }

  private static List<Entry> defaults() {
    return DEFAULT_ENVIRONMENTS.stream()
        .map(name ->
            new Entry(
                new Scalar(Yaml.Place.START, name, true), new Mapping(Yaml.Place.START, List.of())))
        .toList();
  }

  private Environment environment(String name, Mapping written, @Nullable String previous) {
    String tests =
        written
            .mapping("gates")
            .flatMap(gates -> gates.text("tests"))
            .orElse(previous == null ? "off" : "required");
    return new Environment(
        name,
        written.text("store").map(this::layout).orElse(Workspace.of(directory).environment(name)),
        written.text("after").orElse(previous),
        tests.equals("required"),
        written.scalars("runners").stream().map(url -> URI.create(url.text())).toList());
  }

  private Path layout(String written) {
    return resolve(written.startsWith("oci:") ? written.substring("oci:".length()) : written);
  }

  private Path ledger() {
    return root.text("ledger")
        .or(() -> root.mapping("ledger").flatMap(ledger -> ledger.text("git")))
        .map(this::resolve)
        .orElse(Workspace.of(directory).ledger());
  }

  /// A checked value as JSON; numbers are longs and doubles.
  private static JsonNode json(Yaml value) {
    return switch (value) {
      case Scalar scalar ->
          switch (scalar.type()) {
            case NULL -> NullNode.instance;
            case BOOLEAN -> BooleanNode.valueOf(Boolean.parseBoolean(scalar.text()));
            case WHOLE -> LongNode.valueOf(whole(scalar));
            case NUMBER -> DoubleNode.valueOf(Numbers.real(scalar.text()));
            case TEXT -> TextNode.valueOf(scalar.text());
          };
      case Items list -> {
        var array = Json.array();
        list.items().forEach(item -> array.add(json(item)));
        yield array;
      }
      case Mapping map -> {
        ObjectNode object = Json.object();
        map.entries().forEach(entry -> object.set(entry.key().text(), json(entry.value())));
        yield object;
      }
    };
  }
}
