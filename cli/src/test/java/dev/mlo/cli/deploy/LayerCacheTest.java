package dev.mlo.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerCacheTest {
  @TempDir Path root;

  private Path directory;
  private LayerCache cache;
  private LayoutStore store;

  @BeforeEach
  void prepare() throws IOException {
    directory = root.resolve("cache");
    cache = new LayerCache(directory);
    store = LayoutStore.create(root.resolve("store"));
  }

  /// A store in which something happens whenever a blob is opened.
  private record Meanwhile(ImageSource source, Event event) implements ImageSource {
    interface Event {
      void happens() throws IOException;
    }

    @Override
    public InputStream blob(Descriptor descriptor) throws IOException {
      event.happens();
      return source.blob(descriptor);
    }

    @Override
    public Descriptor resolve(String reference) throws IOException {
      return source.resolve(reference);
    }

    @Override
    public byte[] manifest(Descriptor descriptor) throws IOException {
      return source.manifest(descriptor);
    }

    @Override
    public Optional<Path> file(Descriptor descriptor) throws IOException {
      return source.file(descriptor);
    }

    @Override
    public List<Descriptor> referrers(Digest subject) throws IOException {
      return source.referrers(subject);
    }

    @Override
    public String describe() {
      return source.describe();
    }
  }

  private LayerCache.Layer layer(String path, String content) throws IOException {
    Descriptor layer =
        store.blob(
            MediaTypes.LAYER_TAR,
            new LayerWriter().file(path, 0644, content.getBytes(StandardCharsets.UTF_8)));
    return new LayerCache.Layer(layer, layer.digest());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !name.equals(".uses"))
          .sorted()
          .toList();
    }
  }

  @Test
  void laysLayersOneUponTheOtherAndUnpacksThemOnce() throws IOException {
    List<LayerCache.Layer> layers = List.of(layer("a", "first"), layer("d/b", "second"));

    Path unpacked = cache.unpacked(store, layers);

    assertThat(unpacked.resolve("a")).hasContent("first");
    assertThat(unpacked.resolve("d/b")).hasContent("second");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked)))
        .isEqualTo("rwx------");
    var unreadable = new TestImage();
    assertThat(cache.unpacked(unreadable, layers)).isEqualTo(unpacked);
  }

  @Test
  void callsOneLayerByItsDigestAndSeveralByAllOfThem() throws IOException {
    LayerCache.Layer a = layer("a", "first");
    LayerCache.Layer b = layer("b", "second");

    assertThat(cache.unpacked(store, List.of(a)).getFileName())
        .hasToString("sha256-" + a.diffId().hex());
    assertThat(cache.unpacked(store, List.of(a, b)))
        .isNotEqualTo(cache.unpacked(store, List.of(b, a)));
  }

  /// The other process ends its work while this one is at it.
  @Test
  void takesTheFolderOfWhoeverWasFaster() throws IOException {
    List<LayerCache.Layer> layers = List.of(layer("a", "first"));
    var slow = new Meanwhile(store, () -> new LayerCache(directory).unpacked(store, layers));

    Path unpacked = cache.unpacked(slow, layers);

    assertThat(unpacked.resolve("a")).hasContent("first");
    assertThat(names()).containsExactly(String.valueOf(unpacked.getFileName()));
  }

  @Test
  void leavesNothingOfALayerThatIsNotWhatItsImageNames() throws IOException {
    LayerCache.Layer layer = layer("a", "first");
    var other = new LayerCache.Layer(layer.descriptor(), Digest.sha256(new byte[1]));

    assertThatThrownBy(() -> cache.unpacked(store, List.of(other)))
        .isInstanceOf(DigestMismatchException.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void leavesNothingWhenItIsInterrupted() throws IOException {
    List<LayerCache.Layer> layers = List.of(layer("a", "first"));
    var interrupting = new Meanwhile(store, () -> Thread.currentThread().interrupt());

    assertThatThrownBy(() -> cache.unpacked(interrupting, layers)).isInstanceOf(IOException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(names()).isEmpty();
    assertThat(cache.unpacked(store, layers).resolve("a")).hasContent("first");
  }

  @Test
  void removesWhatADeadProcessLeftAndNotWhatALivingOneIsAt() throws Exception {
    Path living = cache.scratch();
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    String name = String.valueOf(living.getFileName());
    String pid = String.valueOf(ProcessHandle.current().pid());
    Path dead = directory.resolve(name.replace("-" + pid + "-", "-" + ended.pid() + "-"));
    Files.writeString(Files.createDirectories(dead.resolve("models")).resolve("half"), "of it");

    Path unpacked = cache.unpacked(store, List.of(layer("a", "first")));

    assertThat(names()).containsExactlyInAnyOrder(name, String.valueOf(unpacked.getFileName()));
  }

  @Test
  void liesWhereTheUserKeepsCaches() {
    assertThat(LayerCache.ofUser(Map.of("XDG_CACHE_HOME", "/c", "HOME", "/h"), "/p"))
        .isEqualTo(Path.of("/c"));
    assertThat(LayerCache.ofUser(Map.of("XDG_CACHE_HOME", "", "HOME", "/h"), "/p"))
        .isEqualTo(Path.of("/h/.cache"));
    assertThat(LayerCache.ofUser(Map.of(), "/p")).isEqualTo(Path.of("/p/.cache"));
  }

  private Path folder(String digit, Instant used) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("sha256-" + digit.repeat(64)));
    Files.writeString(folder.resolve("file"), "12345");
    Files.setLastModifiedTime(folder, FileTime.from(used));
    return folder;
  }

  @Test
  void sweepsWhatNobodyUsesAndLeavesTheRest() throws IOException {
    Instant now = Instant.now();
    Path old = folder("a", now.minusSeconds(60));
    Path young = folder("b", now.plusSeconds(60));
    Path ours = cache.unpacked(store, List.of(layer("a", "first")));
    Files.setLastModifiedTime(ours, FileTime.from(now.minusSeconds(60)));
    Path stranger = Files.createDirectories(directory.resolve("notes"));

    assertThat(cache.sweep(now, true).bytes()).isEqualTo(5);
    assertThat(old).exists();
    assertThat(cache.sweep(now, false).removed()).containsExactly(old);
    assertThat(old).doesNotExist();
    assertThat(List.of(young, ours, stranger)).allMatch(Files::exists);
    assertThat(new LayerCache(root.resolve("none")).sweep(now, false).files()).isZero();
  }

  @Test
  void whatIsUsedAgainIsYoungAgain() throws IOException {
    List<LayerCache.Layer> layers = List.of(layer("a", "first"));
    Path unpacked = cache.unpacked(store, layers);
    Files.setLastModifiedTime(unpacked, FileTime.from(Instant.EPOCH));

    cache.unpacked(store, layers);

    assertThat(Files.getLastModifiedTime(unpacked).toInstant()).isAfter(Instant.EPOCH);
  }

  /// Uses a folder until its standard input ends.
  static final class User {
    private User() {}

    public static void main(String[] words) throws IOException {
      LayerUses.of(Path.of(words[0])).use(words[1]);
      System.out.println("using");
      System.in.readAllBytes();
    }
  }

  @Test
  void whatAnotherProcessUsesStays() throws Exception {
    Path used = folder("c", Instant.EPOCH);
    Process user =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                User.class.getName(),
                directory.toString(),
                String.valueOf(used.getFileName()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var said = user.inputReader()) {
      assertThat(said.readLine()).isEqualTo("using");
      assertThat(cache.sweep(Instant.now(), false).files()).isZero();
      user.destroyForcibly().waitFor();
      assertThat(cache.sweep(Instant.now(), false).removed()).containsExactly(used);
    } finally {
      user.destroyForcibly();
    }
  }
}
