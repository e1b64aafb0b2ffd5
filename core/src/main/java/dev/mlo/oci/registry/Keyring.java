package dev.mlo.oci.registry;

import dev.mlo.oci.StoreException;
import dev.mlo.oci.StoreLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where this user keeps credentials of registries, shared with Docker and podman:
///
/// 1. the file that `REGISTRY_AUTH_FILE` names;
/// 2. `config.json` in `DOCKER_CONFIG`, else in `~/.docker`;
/// 3. `containers/auth.json` in `XDG_RUNTIME_DIR`, then in `XDG_CONFIG_HOME`, else `~/.config`.
///
/// The first that knows a registry decides. What is stored goes where it is looked for first, so
/// that nothing hides it. A file may hand a registry over to a helper program.
public final class Keyring {
  /// Where credentials lie.
  public sealed interface Place {
    /// @param program `docker-credential-NAME`
    record InProgram(String program) implements Place {
      @Override
      public String toString() {
        return program;
      }
    }

    /// @param shown what a person calls the file
    record InFile(Path file, String shown) implements Place {
      @Override
      public String toString() {
        return shown;
      }
    }
  }

  private static final FileAttribute<Set<PosixFilePermission>> MY_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final Map<String, String> environment;
  private final Path home;
  private final RegistryLog log;

  public Keyring(Map<String, String> environment) {
    this(environment, RegistryLog.SILENT);
  }

  /// @param log is told that a helper program takes its time
  public Keyring(Map<String, String> environment, RegistryLog log) {
    this.environment = Map.copyOf(environment);
    this.log = log;
    this.home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "/")));
  }

  /// What we prove to this registry who we are with; asks helper programs.
  ///
  /// @param repository `null`: for the registry as a whole
  public Credentials find(String host, @Nullable String repository) throws IOException {
    ServerKey server = new ServerKey(host);
    for (Place.InFile place : files()) {
      CredentialFile file = CredentialFile.read(place.file(), place.shown());
      @Nullable CredentialProgram helper = helper(file, place, server);
      @Nullable Credentials found = helper == null ? null : helper.get(server.name());
      found = found == null ? file.entry(server, repository) : found;
      if (found != null) {
        return found;
      }
    }
    return new Credentials.Anonymous();
  }

  /// Where [#store] would store.
  public Place placeFor(String host) throws IOException {
    Place.InFile place = files().getFirst();
    CredentialFile file = CredentialFile.read(place.file(), place.shown());
    @Nullable CredentialProgram helper = helper(file, place, new ServerKey(host));
    return helper == null ? place : new Place.InProgram(helper.program());
  }

  /// Keeps credentials, in the place of those that were there.
  public Place store(String host, String user, String secret) throws IOException {
    ServerKey server = new ServerKey(host);
    Place.InFile place = files().getFirst();
    CredentialFile file = CredentialFile.read(place.file(), place.shown());
    @Nullable CredentialProgram helper = helper(file, place, server);
    if (helper != null) {
      helper.store(server.name(), user, secret);
      return new Place.InProgram(helper.program());
    }
    try (StoreLock _ = lock(place)) {
      write(place, CredentialFile.read(place.file(), place.shown()).with(server, user, secret));
    }
    return place;
  }

  /// Removes the credentials of a registry from wherever [#find] would find them.
  ///
  /// @param dryRun only say where
  public List<Place> erase(String host, boolean dryRun) throws IOException {
    ServerKey server = new ServerKey(host);
    var places = new ArrayList<Place>();
    for (Place.InFile place : files()) {
      CredentialFile file = CredentialFile.read(place.file(), place.shown());
      @Nullable CredentialProgram helper = helper(file, place, server);
      if (helper != null && helper.get(server.name()) != null) {
        places.add(new Place.InProgram(helper.program()));
        if (!dryRun) {
          helper.erase(server.name());
        }
      }
      byte @Nullable [] rest = file.without(server);
      if (rest != null) {
        places.add(place);
        if (!dryRun) {
          removeFrom(place, server);
        }
      }
    }
    return List.copyOf(places);
  }

  private static void removeFrom(Place.InFile place, ServerKey server) throws IOException {
    try (StoreLock _ = lock(place)) {
      byte @Nullable [] rest = CredentialFile.read(place.file(), place.shown()).without(server);
      if (rest != null) {
        write(place, rest);
      }
    }
  }

  /// Two logins at once must not lose one another's entries: each reads the file and writes all of
  /// it. The lock lies beside the file that is really written.
  private static StoreLock lock(Place.InFile place) throws IOException {
    try {
      Path file = real(place);
      Files.createDirectories(file.resolveSibling("."), MY_FOLDER);
      return StoreLock.acquire(file.resolveSibling(file.getFileName() + ".lock"), PATIENCE);
    } catch (FileSystemException e) {
      throw new StoreException("cannot write " + place.shown() + ": " + e, e);
    }
  }

  private static Path real(Place.InFile place) throws IOException {
    return Files.exists(place.file()) ? place.file().toRealPath() : place.file();
  }

  private @Nullable CredentialProgram helper(
      CredentialFile file, Place.InFile place, ServerKey server) throws IOException {
    @Nullable String name = file.helper(server);
    return name == null ? null : CredentialProgram.named(name, place.shown(), environment, log);
  }

  private List<Place.InFile> files() {
    var files = new ArrayList<Place.InFile>();
    add(files, environment.get("REGISTRY_AUTH_FILE"), "");
    @Nullable String docker = environment.get("DOCKER_CONFIG");
    add(files, docker == null || docker.isEmpty() ? home + "/.docker" : docker, "config.json");
    add(files, environment.get("XDG_RUNTIME_DIR"), "containers/auth.json");
    @Nullable String config = environment.get("XDG_CONFIG_HOME");
    add(
        files,
        config == null || config.isEmpty() ? home + "/.config" : config,
        "containers/auth.json");
    return files;
  }

  private void add(List<Place.InFile> files, @Nullable String folder, String name) {
    if (folder != null && !folder.isEmpty()) {
      Path file = Path.of(folder).resolve(name).toAbsolutePath().normalize();
      String shown = file.startsWith(home) ? "~/" + home.relativize(file) : file.toString();
      files.add(new Place.InFile(file, shown));
    }
  }

  /// Wholly old or wholly new, and readable for the user alone from its first byte. A link stays
  /// one: people keep their settings in a repository and link to them.
  private static void write(Place.InFile place, byte[] bytes) throws IOException {
    var onlyMe = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try {
      Path file = real(place);
      Path folder = file.resolveSibling(".").normalize();
      Path temp = Files.createTempFile(folder, ".mlo-", ".tmp", onlyMe);
      try {
        try (FileChannel channel = FileChannel.open(temp, StandardOpenOption.WRITE)) {
          for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
            channel.write(left);
          }
          channel.force(true);
        }
        Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temp);
      }
      try (FileChannel channel = FileChannel.open(folder)) {
        channel.force(true);
      }
    } catch (java.nio.channels.ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException("cannot write " + place.shown() + ": " + e, e);
    }
  }
}
