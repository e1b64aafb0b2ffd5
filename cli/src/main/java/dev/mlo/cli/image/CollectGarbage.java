package dev.mlo.cli.image;

import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Workspace;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.registry.UnfinishedUploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes room below `.mlo`: versions nobody wants to keep, and what no name leads to any more, in
/// the project's store and in its environments; then what was noted down of the blobs that went,
/// and the layers that lie unpacked for nobody.
public final class CollectGarbage {
  /// @param keep how many versions of each model keep their names; 0: all of them
  /// @param grace what is younger than this stays: a build may be about to give it a name
  public record Request(int keep, Duration grace, boolean dryRun) {}

  /// What went from one place.
  public record Place(Path directory, LayoutStore.Collected collected) {}

  /// @param untagged names that were taken away, or would be
  /// @param uploads that were noted down and that nobody can go on with
  /// @param remembered files of which builds knew a layer that is gone
  /// @param unpacked layers that were run once, of any project
  public record Result(
      List<String> untagged,
      List<Place> places,
      int uploads,
      int remembered,
      Place unpacked,
      Request request) {
    public Result {
      untagged = List.copyOf(untagged);
      places = List.copyOf(places);
    }

    public int files() {
      return places.stream().mapToInt(place -> place.collected().files()).sum();
    }

    public boolean isEmpty() {
      return files() == 0
          && untagged.isEmpty()
          && uploads == 0
          && remembered == 0
          && unpacked.collected().files() == 0;
    }

    public long bytes() {
      return unpacked.collected().bytes()
          + places.stream().mapToLong(place -> place.collected().bytes()).sum();
    }
  }

  /// Told about what goes.
  public interface Log {
    void untagged(String name, Digest digest);

    void collecting(Path directory);
  }

  /// What knows layers of the store by their digest beside the images.
  @FunctionalInterface
  public interface Memory {
    /// @param gone the layers that are no more
    /// @param dryRun only say how many
    /// @return how many things were forgotten
    int forget(Predicate<Descriptor> gone, boolean dryRun) throws IOException;
  }

  /// Layers that were unpacked to run them.
  @FunctionalInterface
  public interface Unpacked {
    /// @param moment what was used since then stays, and so does what is in use
    /// @param dryRun only say what would go
    Place sweep(Instant moment, boolean dryRun) throws IOException;
  }

  private final Images images;
  private final Memory memory;
  private final Unpacked unpacked;
  private final Log log;

  public CollectGarbage(Images images, Memory memory, Unpacked unpacked, Log log) {
    this.images = images;
    this.memory = memory;
    this.unpacked = unpacked;
    this.log = log;
  }

  public Result collect(Request request) throws IOException {
    Path store = images.workspace().store();
    List<ListImages.Listed> old = request.keep == 0 ? List.of() : surplus(request.keep);
    for (ListImages.Listed image : old) {
      log.untagged(image.reference(), image.digest());
      if (!request.dryRun) {
        LayoutStore.open(store).untag(image.reference(), image.digest());
      }
    }
    List<String> names = old.stream().map(ListImages.Listed::reference).toList();
    var places = new ArrayList<Place>();
    for (Path directory : layouts()) {
      log.collecting(directory);
      LayoutStore layout = LayoutStore.open(directory);
      LayoutStore.Collected collected =
          request.dryRun
              ? layout.collectable(request.grace, directory.equals(store) ? names : List.of())
              : layout.collect(request.grace);
      places.add(new Place(directory, collected));
    }
    Set<Path> gone =
        places.stream()
            .flatMap(place -> place.collected().removed().stream())
            .collect(Collectors.toUnmodifiableSet());
    return new Result(
        names,
        places,
        new UnfinishedUploads(images.workspace().uploads())
            .sweep(Instant.now(), gone::contains, request.dryRun),
        forgetLayers(gone, request.dryRun),
        unpacked.sweep(Instant.now().minus(request.grace), request.dryRun),
        request);
  }

  private int forgetLayers(Set<Path> gone, boolean dryRun) throws IOException {
    Path blobs = images.workspace().store().toAbsolutePath().normalize().resolve("blobs");
    return memory.forget(
        layer -> {
          Path place = blobs.resolve(layer.digest().algorithm()).resolve(layer.digest().hex());
          return gone.contains(place) || !Files.exists(place);
        },
        dryRun);
  }

  /// The versions of each model after its newest ones. What an environment points at stays, and so
  /// does every other name of an image that stays.
  private List<ListImages.Listed> surplus(int keep) throws IOException {
    List<ListImages.Listed> all = ListImages.list(images);
    Map<String, Set<Digest>> newest = new HashMap<>();
    for (ListImages.Listed image : all) {
      Set<Digest> kept = newest.computeIfAbsent(image.name(), _ -> new LinkedHashSet<>());
      if (kept.size() < keep) {
        kept.add(image.digest());
      }
    }
    return all.stream()
        .filter(image -> image.environments().isEmpty())
        .filter(image -> !newest.getOrDefault(image.name(), Set.of()).contains(image.digest()))
        .toList();
  }

  /// The project's store, and those environments that lie below `.mlo`; others may be shared.
  private List<Path> layouts() throws IOException {
    Workspace workspace = images.workspace();
    var found = new ArrayList<>(List.of(workspace.store()));
    Path environments = workspace.environment("x").resolveSibling("");
    if (Files.isDirectory(environments)) {
      try (Stream<Path> directories = Files.list(environments)) {
        directories.sorted().forEach(found::add);
      }
    }
    return found.stream()
        .filter(directory -> Files.exists(directory.resolve("oci-layout")))
        .toList();
  }
}
