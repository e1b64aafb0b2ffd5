package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.cli.image.InspectImage;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.json.Json;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.cyclonedx.Version;
import org.cyclonedx.exception.ParseException;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.parsers.JsonParser;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageEvidenceTest {
  @TempDir Path temporary;
  private Installation installation;
  private Path project;

  @BeforeEach
  void prepare() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    Fixture.write(
        installation.home().resolve("licenses/parts.json"),
        """
        {"java": {"vendor": "Eclipse Adoptium", "version": "25.0.3+9-LTS"},
         "parts": [
          {"file": "runner/runner.jar", "group": "org.example", "name": "runner",
           "version": "1.2", "licenses": ["The Apache Software License, Version 2.0", "Own terms"]},
          {"file": "backends/onnx/engine.jar", "group": "org.example", "name": "engine",
           "version": "3.4", "licenses": ["MIT OR Apache-2.0"]},
          {"file": "backends/onnx/native/libengine.so", "group": "org.example", "name": "engine",
           "version": "3.4", "licenses": ["MIT"], "library": false}]}
        """);
    Fixture.write(installation.backends().resolve("onnx/native/libengine.so"), "native");
    project = Fixture.iris(temporary.resolve("project"));
  }

  private ImageBuild.Result build() throws IOException {
    return Fixture.build(installation, project);
  }

  private static String document(Path project, Evidence.Kind kind) throws IOException {
    return InspectImage.document(Images.in(project), "iris:1.0.0", kind).json();
  }

  private JsonNode provenance() throws IOException {
    return Json.parse(document(project, Evidence.Kind.PROVENANCE).getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode source(JsonNode statement) {
    for (JsonNode dependency : statement.at("/predicate/buildDefinition/resolvedDependencies")) {
      if (dependency.path("name").asText().equals("source")) {
        return dependency;
      }
    }
    return Json.object();
  }

  private static Git repository(Path directory, String url) throws IOException, GitAPIException {
    Git git = Git.init().setDirectory(directory.toFile()).call();
    Fixture.write(directory.resolve(".gitignore"), ".mlo/\n");
    git.getRepository().getConfig().setString("remote", "origin", "url", url);
    git.getRepository().getConfig().save();
    commit(git, "2026-01-02T03:04:05Z");
    return git;
  }

  private static String head(Git git) throws IOException {
    return Objects.requireNonNull(git.getRepository().resolve("HEAD")).name();
  }

  private static String commit(Git git, String at) throws GitAPIException {
    var person = new PersonIdent("a", "a@example.com", Instant.parse(at), ZoneOffset.UTC);
    git.add().addFilepattern(".").call();
    return git.commit()
        .setAllowEmpty(true)
        .setMessage("x")
        .setAuthor(person)
        .setCommitter(person)
        .setSign(false)
        .call()
        .name();
  }

  @Test
  void theStatementIsSlsaProvenanceOfTheImage() throws Exception {
    String commit;
    try (Git git = repository(project, "https://me:s3cret@example.com/ml/iris.git")) {
      commit = head(git);
    }
    ImageBuild.Result built = build();
    JsonNode statement = provenance();

    assertThat(statement.path("_type").asText()).isEqualTo("https://in-toto.io/Statement/v1");
    assertThat(statement.path("predicateType").asText())
        .isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(statement.path("subject")).hasSize(1);
    assertThat(statement.at("/subject/0/digest/sha256").asText()).isEqualTo(built.digest().hex());
    JsonNode definition = statement.at("/predicate/buildDefinition");
    assertThat(definition.path("buildType").asText()).isEqualTo(BuildProvenance.BUILD_TYPE);
    assertThat(definition.at("/externalParameters/manifest").asText()).isEqualTo("mlops.yaml");
    assertThat(definition.at("/externalParameters/training/command").asText()).contains("train.py");
    assertThat(definition.at("/externalParameters/metrics/accuracy").asDouble()).isEqualTo(0.9556);
    for (JsonNode dependency : definition.path("resolvedDependencies")) {
      assertThat(dependency.has("uri") || dependency.has("digest")).isTrue();
      dependency
          .path("digest")
          .properties()
          .forEach(digest ->
              assertThat(digest.getValue().asText()).matches("[0-9a-f]{40}|[0-9a-f]{64}"));
    }
    assertThat(definition.path("resolvedDependencies").findValuesAsText("name"))
        .containsExactly(
            "source", "model", "model/model.onnx", "data/iris", "runner", "base", "engine/onnx");
    JsonNode source = source(statement);
    assertThat(source.at("/digest/gitCommit").asText()).isEqualTo(commit);
    assertThat(source.path("uri").asText()).isEqualTo("git+https://example.com/ml/iris.git");
    assertThat(source.at("/annotations/dirty").asBoolean(true)).isFalse();
    assertThat(statement.at("/predicate/runDetails/builder/id").isTextual()).isTrue();
    assertThat(statement.at("/predicate/runDetails").has("metadata")).isFalse();
    assertThat(statement.toString())
        .doesNotContain("s3cret", temporary.toString(), System.getProperty("user.name") + "@");
  }

  @Test
  void theSameCommitGivesTheSameBytesInEveryPlaceAndState() throws Exception {
    try (Git git = repository(project, "https://example.com/ml/iris.git")) {
      build();
      String here = document(project, Evidence.Kind.PROVENANCE);
      String bill = document(project, Evidence.Kind.BOM);
      Path clone = temporary.resolve("an other/clöne");
      try (Git there =
          Git.cloneRepository()
              .setURI(project.toUri().toString())
              .setDirectory(clone.toFile())
              .call()) {
        var config = there.getRepository().getConfig();
        config.setString("remote", "origin", "url", "https://ci:token@example.com/ml/iris.git");
        config.save();
        there.checkout().setName(head(git)).call();
      }
      Installation other = Fixture.installation(temporary.resolve("home2"));
      Files.createDirectories(other.home().resolve("licenses"));
      for (String file : List.of("licenses/parts.json", "backends/onnx/native/libengine.so")) {
        Fixture.write(
            other.home().resolve(file), Files.readString(installation.home().resolve(file)));
      }
      Fixture.build(other, clone);
      assertThat(document(clone, Evidence.Kind.PROVENANCE)).isEqualTo(here);
      assertThat(document(clone, Evidence.Kind.BOM)).isEqualTo(bill);
    }
  }

  @Test
  void withoutGitThereIsNoSource() throws IOException {
    build();
    assertThat(source(provenance())).isEmpty();
  }

  @Test
  void changesSinceTheCommitAreSaid() throws Exception {
    try (Git git = repository(project, "/home/me/iris")) {
      assertThat(git).isNotNull();
      Files.writeString(
          project.resolve("data/iris.csv"), "\n", java.nio.file.StandardOpenOption.APPEND);
      build();
      JsonNode source = source(provenance());
      assertThat(source.at("/annotations/dirty").asBoolean()).isTrue();
      assertThat(source.has("uri")).as("a path means nothing elsewhere").isFalse();
    }
  }

  @Test
  void buildingAgainAttachesNothingTwiceAndAnotherCommitStandsBesideTheFirst() throws Exception {
    try (Git git = repository(project, "https://example.com/ml/iris.git")) {
      ImageBuild.Result first = build();
      assertThat(first.attached()).isEqualTo(4);
      ImageBuild.Result second = build();
      assertThat(second.attached()).isZero();
      LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
      assertThat(store.referrers(first.digest())).hasSize(4);

      String newer = commit(git, "2026-02-02T00:00:00Z");
      ImageBuild.Result third = build();
      assertThat(third.digest()).isEqualTo(first.digest());
      assertThat(third.attached()).isEqualTo(1);
      assertThat(store.referrers(first.digest())).hasSize(5);
      assertThat(source(provenance()).at("/digest/gitCommit").asText()).isEqualTo(newer);
      InspectImage.Result seen = InspectImage.inspect(Images.in(project), "iris:1.0.0");
      assertThat(seen.provenance()).map(Provenance::commit).contains(newer);
    }
  }

  @Test
  void aDryRunAttachesNothing() throws IOException {
    build();
    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    Fixture.replace(project.resolve("mlops.yaml"), "0.0001", "0.001");
    ImageBuild.Result tried =
        new ImageBuild(installation, BuildLog.SILENT)
            .build(Fixture.request(ProjectReader.read(project), true));
    assertThat(tried.attached()).isZero();
    assertThat(store.referrers(tried.digest())).isEmpty();
  }

  @Test
  void timesComeFromTheBuildOnly() throws IOException {
    String created = "2026-01-01T00:00:00Z";
    new ImageBuild(installation, BuildLog.SILENT)
        .build(
            new ImageBuild.Request(
                ProjectReader.read(project),
                List.of(),
                List.of(),
                created,
                ImageBuild.Locking.OFF,
                false));
    assertThat(provenance().at("/predicate/runDetails/metadata/startedOn").asText())
        .isEqualTo(created);
    assertThat(
            Json.parse(document(project, Evidence.Kind.BOM).getBytes(StandardCharsets.UTF_8))
                .at("/metadata/timestamp")
                .asText())
        .isEqualTo(created);
  }

  @Test
  void everyBillIsValidCycloneDx() throws Exception {
    Fixture.replace(
        project.resolve("mlops.yaml"),
        "license: Apache-2.0",
        "license: My own licence\n"
            + "authors: [\"Ann Lee <ann@example.com>\", risk@example.com, Team Ü]");
    ImageBuild.Result built = build();
    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    int bills = 0;
    for (Evidence evidence : Evidence.of(store, built.digest())) {
      if (evidence.kind() == Evidence.Kind.BOM) {
        requireValid(evidence.document(store));
        bills++;
      }
    }
    assertThat(bills).isEqualTo(3);

    byte[] whole = document(project, Evidence.Kind.BOM).getBytes(StandardCharsets.UTF_8);
    requireValid(whole);
    Bom bom = new JsonParser().parse(whole);
    Component model = named(bom, "iris");
    assertThat(model.getType()).isEqualTo(Component.Type.MACHINE_LEARNING_MODEL);
    assertThat(model.getModelCard().getModelParameters().getTask()).isEqualTo("classification");
    assertThat(model.getModelCard().getModelParameters().getInputs()).isNotEmpty();
    assertThat(model.getModelCard().getQuantitativeAnalysis().getPerformanceMetrics())
        .singleElement()
        .satisfies(metric -> assertThat(metric.getValue()).isEqualTo("0.9556"));
    assertThat(model.getAuthors())
        .extracting(author -> author.getName() + "|" + author.getEmail())
        .containsExactly("Ann Lee|ann@example.com", "null|risk@example.com", "Team Ü|null");
    assertThat(model.getHashes().getFirst().getValue())
        .isEqualTo(dev.mlo.oci.Digest.sha256(project.resolve("model.onnx")).hex());
    assertThat(named(bom, "runner").getPurl()).isEqualTo("pkg:maven/org.example/runner@1.2");
    assertThat(named(bom, "runner").getLicenses().getLicenses())
        .extracting(licence -> licence.getId() + "|" + licence.getName())
        .containsExactly("Apache-2.0|null", "null|Own terms");
    assertThat(named(bom, "engine").getLicenses().getExpression().getValue())
        .isEqualTo("MIT OR Apache-2.0");
    assertThat(named(bom, "libengine.so").getType()).isEqualTo(Component.Type.FILE);
    assertThat(named(bom, "OpenJDK").getVersion()).isEqualTo("25.0.3+9-LTS");
    assertThat(bom.getComponents()).extracting(Component::getBomRef).doesNotHaveDuplicates();
    List<String> references =
        Stream.concat(
                bom.getComponents().stream().map(Component::getBomRef),
                Stream.of(bom.getMetadata().getComponent().getBomRef()))
            .toList();
    bom.getDependencies()
        .forEach(dependency -> {
          assertThat(references).contains(dependency.getRef());
          if (dependency.getDependencies() != null) {
            dependency
                .getDependencies()
                .forEach(on -> assertThat(references).contains(on.getRef()));
          }
        });
  }

  private static Component named(Bom bom, String name) {
    return bom.getComponents().stream()
        .filter(component -> component.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void requireValid(byte[] bill) throws IOException {
    List<ParseException> faults = new JsonParser().validate(bill, Version.VERSION_16);
    assertThat(faults).as(new String(bill, StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void copiesAndTarsCarryEverythingThatWasSaid() throws Exception {
    build();
    Images images = Images.in(project);
    var copy = new CopyImage(images, CopyLog.SILENT);
    String tar = "tar:" + temporary.resolve("iris.tar");
    copy.copy(new CopyImage.Request("iris:1.0.0", tar, false, false));
    Path other = temporary.resolve("other");
    new CopyImage(Images.in(other), CopyLog.SILENT)
        .copy(new CopyImage.Request(tar, "iris", false, false));
    for (Evidence.Kind kind : List.of(Evidence.Kind.PROVENANCE, Evidence.Kind.BOM)) {
      assertThat(document(other, kind)).isEqualTo(document(project, kind));
    }
  }

  @Test
  void aVersionAddsLittleBesideItsModel() throws IOException {
    build();
    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    long before = bytes(store.directory());
    Fixture.replace(project.resolve("mlops.yaml"), "version: 1.0.0", "version: 1.0.1");
    ImageBuild.Result built = build();
    Descriptor model = Manifest.parse(store.manifest(built.image())).layers().getLast();
    long beside = bytes(store.directory()) - before - model.size();
    assertThat(beside).isPositive().isLessThan(24 << 10);
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  @Test
  void anImageOfWhichNothingWasSaidIsTold() throws IOException {
    build();
    assertThatThrownBy(() -> document(project, Evidence.Kind.TESTS))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
              assertThat(failure.hint()).isEqualTo("mlo test iris:1.0.0");
            });
  }

  @Test
  void aModelOfManyFilesIsListedByItsDigestOnly() throws IOException {
    for (int i = 0; i < 100; i++) {
      Fixture.write(project.resolve("model/vocabulary-%d.txt".formatted(i)), "word " + i);
    }
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Fixture.replace(project.resolve("mlops.yaml"), "model: model.onnx", "model: model");
    ImageBuild.Result built = build();
    assertThat(document(project, Evidence.Kind.PROVENANCE))
        .contains(built.card().digest().substring(7))
        .doesNotContain("vocabulary");
    assertThat(document(project, Evidence.Kind.BOM))
        .contains(built.card().digest())
        .doesNotContain("vocabulary");
  }
}
