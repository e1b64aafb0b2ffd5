package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Our images in the hands of tools that never heard of `mlo`. A tool that is not on the machine is
/// left out, and said to be.
@SecondLane
@ExtendWith(Installed.class)
class OtherToolsTest {
  @TempDir Path folder;

  private Path project;
  private Mlo mlo;
  private String digest;
  private LocalRegistry registry;

  @BeforeEach
  void image(Mlo user) throws IOException {
    project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    mlo = user.in(project);
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.stderr()).isZero();
    digest = built.word().substring(built.word().indexOf('@') + 1);
    registry = LocalRegistry.start(folder.resolve("registry"));
    Outcome pushed = mlo.run("push", "-q", "iris:1.0.0", registry.host() + "/ml/iris:1.0.0");
    assertThat(pushed.exit()).as(pushed.stderr()).isZero();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private String remote() {
    return registry.host() + "/ml/iris:1.0.0";
  }

  private String local() {
    return project.resolve(".mlo/store") + ":iris:1.0.0";
  }

  private Outcome tool(String... words) {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(place -> Files.isExecutable(Path.of(place, words[0])));
    assumeTrue(there, words[0] + " is not on this machine");
    Outcome outcome =
        Installed.start(List.of(words), folder, Map.of("HOME", mlo.home().toString()))
            .outcome(Duration.ofMinutes(2));
    assertThat(outcome.exit()).as(List.of(words) + ": " + outcome).isZero();
    return outcome;
  }

  @Test
  void skopeoCopiesItWithItsDigest() throws IOException {
    tool(
        "skopeo",
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--preserve-digests",
        "docker://" + remote(),
        "docker://" + registry.host() + "/other/iris:1.0.0");
    assertThat(
            tool(
                    "skopeo",
                    "inspect",
                    "--tls-verify=false",
                    "docker://" + registry.host() + "/other/iris:1.0.0")
                .json()
                .path("Digest")
                .asText())
        .isEqualTo(digest);
    tool("skopeo", "copy", "oci:" + local(), "dir:" + folder.resolve("dir"));
    assertThat(
            new ObjectMapper()
                .readTree(folder.resolve("dir/manifest.json").toFile())
                .path("layers"))
        .hasSize(5);
  }

  @Test
  void umociUnpacksIt() throws IOException {
    Path out = folder.resolve("unpacked");
    tool("umoci", "unpack", "--rootless", "--image", local(), out.toString());
    Path models = out.resolve("rootfs/models");
    assertThat(models.resolve("model.onnx")).hasSameBinaryContentAs(project.resolve("model.onnx"));
    assertThat(models.resolve("mlops.json")).exists();
    assertThat(out.resolve("rootfs/opt/mlo/jre/bin/java")).isExecutable();
    assertThat(
            new ObjectMapper()
                .readTree(out.resolve("config.json").toFile())
                .at("/process/user/uid")
                .asInt())
        .isEqualTo(65532);
  }

  @Test
  void buildahPullsIt() {
    assumeTrue(System.getProperty("user.name").equals("root"), "buildah wants root here");
    String[] store = {
      "--root",
      folder.resolve("store").toString(),
      "--runroot",
      folder.resolve("run").toString(),
      "--storage-driver",
      "vfs"
    };
    String image =
        tool(words(
                List.of("buildah"),
                store,
                List.of("pull", "-q", "--tls-verify=false", "docker://" + remote())))
            .word();
    Outcome inspected =
        tool(words(List.of("buildah"), store, List.of("inspect", "--type", "image", image)));
    assertThat(inspected.json().at("/OCIv1/config/User").asText()).isEqualTo("65532:65532");
    assertThat(inspected.json().path("FromImageDigest").asText()).isEqualTo(digest);
  }

  private static String[] words(List<String> first, String[] middle, List<String> last) {
    return Stream.of(first.stream(), Stream.of(middle), last.stream())
        .flatMap(all -> all)
        .toArray(String[]::new);
  }

  @Test
  void craneReadsIt() {
    assertThat(tool("crane", "digest", "--insecure", remote()).word()).isEqualTo(digest);
    tool("crane", "validate", "--insecure", "--fast", "--remote", remote());
    tool("crane", "pull", "--insecure", remote(), folder.resolve("crane.tar").toString());
    assertThat(
            tool("crane", "copy", "--insecure", remote(), registry.host() + "/crane/iris:1")
                .stderr())
        .contains(digest);
  }

  /// Files that keep no manifest: ours can be made again, byte for byte.
  @Test
  void whatSkopeoSavedForDockerComesBackWithItsDigest() {
    String tar = folder.resolve("skopeo.tar").toString();
    tool("skopeo", "copy", "oci:" + local(), "docker-archive:" + tar + ":ml/iris:1.0.0");
    comesBack("tar:" + tar);
  }

  @Test
  void whatCranePulledComesBackWithItsDigest() {
    for (String format : List.of("tarball", "legacy", "oci")) {
      String file = folder.resolve("crane." + format).toString();
      tool("crane", "pull", "--insecure", "--format=" + format, remote(), file);
      comesBack((format.equals("oci") ? "oci:" : "tar:") + file);
    }
  }

  private void comesBack(String name) {
    Outcome listed = mlo.run("list", name, "-q");
    assertThat(listed.word()).as(listed.stderr()).isEqualTo(name);
    Outcome copied = mlo.run("copy", "-q", name, "oci:" + folder.resolve("back") + ":iris");
    assertThat(copied.exit()).as(copied.stderr()).isZero();
    assertThat(copied.word()).endsWith(digest);
  }

  /// Annotations do not survive it; what the layers are for stands in the history as well.
  @Test
  void whatSkopeoTurnedIntoDockersFormatStillRuns() {
    String converted = registry.host() + "/docker/iris:1.0.0";
    tool(
        "skopeo",
        "copy",
        "--dest-tls-verify=false",
        "--format=v2s2",
        "--dest-compress",
        "oci:" + local(),
        "docker://" + converted);
    Outcome tested = mlo.run("test", converted);
    assertThat(tested.exit()).as(tested.stderr()).isZero();
    Outcome diff = mlo.run("diff", "iris:1.0.0", converted);
    assertThat(diff.stdout()).contains("compressed differently").doesNotContain("engines");
  }

  @Test
  void whatIsCompressedWithZstdIsRefusedByThatName() {
    String zstd = "oci:" + folder.resolve("zstd") + ":iris";
    tool(
        "skopeo", "copy", "--dest-compress", "--dest-compress-format=zstd", "oci:" + local(), zstd);
    Outcome tested = mlo.run("test", zstd);
    assertThat(tested.exit()).isEqualTo(6);
    assertThat(tested.stderr()).contains("compressed with zstd", "hint: skopeo copy");
  }

  @Test
  void orasDiscoversWhatIsSaidOfIt() {
    String found = tool("oras", "discover", "--plain-http", remote()).stdout();
    assertThat(found).contains("application/vnd.in-toto+json", "application/vnd.cyclonedx+json");
  }
}
