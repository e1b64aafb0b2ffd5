package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.Attachment;
import dev.mlo.attest.BillOfMaterials;
import dev.mlo.cli.Installation;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The bills of materials of the runner image and of the engines, made together with them: every
/// model's image refers to these bytes instead of repeating them.
final class RunnerBill {
  private final Installation installation;
  private final Parts parts;
  private final String created;

  RunnerBill(Installation installation, String created) throws IOException {
    this.installation = installation;
    this.parts = Parts.of(installation);
    this.created = created;
  }

  void attachTo(LayoutStore store, Descriptor image, Foundation foundation) throws IOException {
    ObjectNode subject =
        Components.component(
            "container", BillOfMaterials.RUNNER, "mlo-runner", Installation.version());
    Components.hash(subject, image.digest());
    var components = new ArrayList<ObjectNode>();
    components.addAll(libraries(foundation.libraries()));
    components.add(
        foundation.java() == null
            ? java()
            : Components.component("platform", "java", "OpenJDK", foundation.java().version()));
    components.addAll(files("runner", "runner", name -> name.endsWith(".jar")));
    attach(store, image, BillOfMaterials.RUNNER, subject, components);
  }

  /// @param engine the artifact
  /// @param layer of the engine
  void attachTo(
      LayoutStore store, Descriptor engine, Descriptor layer, String format, Platform platform)
      throws IOException {
    ObjectNode subject =
        Components.component(
            "framework", BillOfMaterials.ENGINE, format + " engine", Installation.version());
    Components.hash(subject, layer.digest());
    boolean foreign = RunnerParts.isForeign(platform);
    String place = "backends/" + format;
    var components =
        new ArrayList<>(
            files(
                place, "engine", name -> !(foreign && name.startsWith(RunnerParts.NATIVE + "/"))));
    Path natives = new RunnerParts(installation).natives(format, platform);
    if (foreign && Files.isDirectory(natives)) {
      String at = installation.home().relativize(natives).toString();
      components.addAll(files(at, "engine/" + RunnerParts.NATIVE, _ -> true));
    }
    attach(store, engine, BillOfMaterials.ENGINE, subject, components);
  }

  private void attach(
      LayoutStore store,
      Descriptor image,
      String part,
      ObjectNode subject,
      List<ObjectNode> components)
      throws IOException {
    ObjectNode bill = BillOfMaterials.begin();
    bill.set("metadata", Components.metadata(created, subject));
    ArrayNode list = bill.putArray("components");
    components.forEach(list::add);
    bill.putArray("dependencies")
        .add(
            Components.dependency(
                part, components.stream().map(c -> c.path("bom-ref").asText()).toList()));
    Descriptor document =
        store
            .blob(BillOfMaterials.TYPE, BillOfMaterials.write(bill))
            .with(Attachment.TITLE, "bom-" + part + ".json");
    Attachment.attach(
        store, image, BillOfMaterials.TYPE, document, Map.of(BillOfMaterials.PART, part));
  }

  /// Jars and native libraries of a folder.
  ///
  /// @param place of the folder below the installation
  /// @param wanted by the name in the folder
  private List<ObjectNode> files(String place, String prefix, Predicate<String> wanted)
      throws IOException {
    Folder folder = new Folder(installation.home().resolve(place));
    var components = new ArrayList<ObjectNode>();
    for (Path file : folder.files()) {
      String name = folder.root().relativize(file).toString();
      if (!wanted.test(name)) {
        continue;
      }
      Optional<Parts.Part> part = parts.of(place + "/" + name);
      String reference = prefix + "/" + name;
      if (part.isPresent() && part.get().library()) {
        components.add(library(part.get(), reference, file));
      } else {
        ObjectNode component =
            Components.component(
                part.isEmpty() ? "library" : "file",
                reference,
                String.valueOf(file.getFileName()),
                part.map(Parts.Part::version).orElse(""));
        Components.hash(component, Digest.sha256(file));
        part.ifPresent(of -> {
          Components.licences(component, of.licences());
          Components.property(component, "dev.mlo:from", of.purl());
        });
        components.add(component);
      }
    }
    return components;
  }

  private static ObjectNode library(Parts.Part part, String reference, Path file)
      throws IOException {
    ObjectNode component = Components.component("library", reference, part.name(), part.version());
    component.put("group", part.group());
    Components.hash(component, Digest.sha256(file));
    Components.licences(component, part.licences());
    component.put("purl", part.purl());
    return component;
  }

  private ObjectNode java() throws IOException {
    Path release = installation.runtime().resolve("release");
    String version = parts.javaVersion();
    if (version.isEmpty() && Files.isRegularFile(release)) {
      version =
          Files.readString(release)
              .lines()
              .filter(line -> line.startsWith("JAVA_VERSION="))
              .map(line -> line.substring(13).replace("\"", ""))
              .findFirst()
              .orElse("");
    }
    ObjectNode java = Components.component("platform", "java", "OpenJDK", version);
    if (!parts.javaVendor().isEmpty()) {
      java.putObject("supplier").put("name", parts.javaVendor());
    }
    Path machine = installation.runtime().resolve("lib/server/libjvm.so");
    Components.licences(java, List.of("GPL-2.0-only WITH Classpath-exception-2.0"));
    if (!version.isEmpty()) {
      // Vulnerabilities of Java are filed under the maker's name for all builds of OpenJDK.
      java.put(
          "cpe",
          "cpe:2.3:a:oracle:openjdk:%s:*:*:*:*:*:*:*"
              .formatted(version.replaceFirst("[+-].*", "")));
    }
    if (Files.isRegularFile(machine)) {
      ObjectNode file = Components.component("file", "java/libjvm.so", "libjvm.so", "");
      Components.hash(file, Digest.sha256(machine));
      java.putArray("components").add(file);
    }
    return java;
  }

  /// One component a package of the distribution; a file that no package owns is one by itself.
  private List<ObjectNode> libraries(Map<String, Path> files) throws IOException {
    HostPackages packages = new HostPackages(Path.of("/"), files.values());
    var components = new LinkedHashMap<String, ObjectNode>();
    for (var library : files.entrySet()) {
      Path file = library.getValue();
      String name = String.valueOf(Path.of(library.getKey()).getFileName());
      Optional<HostPackages.Owner> owner = packages.owner(file);
      ObjectNode entry =
          Components.component(owner.isEmpty() ? "library" : "file", "base/" + name, name, "");
      Components.hash(entry, Digest.sha256(file));
      if (owner.isEmpty()) {
        components.put(name, entry);
      } else {
        components
            .computeIfAbsent(owner.get().name(), _ -> of(owner.get(), packages))
            .withArray("/components")
            .add(entry);
      }
    }
    return List.copyOf(components.values());
  }

  private static ObjectNode of(HostPackages.Owner owner, HostPackages packages) {
    ObjectNode component =
        Components.component("library", "base/" + owner.name(), owner.name(), owner.version());
    component.put(
        "purl",
        "pkg:deb/%s/%s@%s?arch=%s&distro=%s"
            .formatted(
                packages.distribution(),
                owner.name().replace("+", "%2B"),
                owner.version().replace("+", "%2B"),
                owner.architecture(),
                packages.distributionVersion()));
    return component;
  }
}
