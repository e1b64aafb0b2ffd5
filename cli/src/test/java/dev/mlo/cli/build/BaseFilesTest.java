package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.build.TestBase.Tar;
import dev.mlo.oci.DocumentException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BaseFilesTest {
  @TempDir Path temporary;

  private BaseFiles files = new BaseFiles(Path.of(""), false);

  @BeforeEach
  void start() {
    files = new BaseFiles(temporary, false);
  }

  private void lay(Tar tar) throws IOException {
    files.add(new ByteArrayInputStream(tar.bytes()));
  }

  private String content(String path) throws IOException {
    return Files.readString(files.content(path).orElseThrow());
  }

  @Test
  void linksAreFollowedWithinTheImage() throws IOException {
    lay(
        new Tar()
            .text("usr/lib/a/libx.so.1.2", "x")
            .link("usr/lib/a/libx.so.1", "libx.so.1.2")
            .link("lib", "usr/lib")
            .link("lib64", "/lib/a")
            .link("up", "../../../../usr/lib")
            .hardLink("usr/lib/a/liby.so", "usr/lib/a/libx.so.1.2"));
    assertThat(content("/lib64/libx.so.1")).isEqualTo("x");
    assertThat(content("/up/a/libx.so.1")).isEqualTo("x");
    assertThat(content("/lib/a/liby.so")).isEqualTo("x");
    assertThat(files.isInTheWay("lib/a")).isTrue();
    assertThat(files.isInTheWay("usr/lib")).isFalse();
  }

  @Test
  void circlesAndDanglingLinksLeadNowhere() throws IOException {
    lay(new Tar().link("lib/a.so", "b.so").link("lib/b.so", "a.so").link("lib/c.so", "/none"));
    for (String path : new String[] {"/lib/a.so", "/lib/b.so", "/lib/c.so"}) {
      assertThat(files.content(path)).isEmpty();
      assertThat(files.has(path)).isFalse();
    }
  }

  @Test
  void upperLayersReplaceAndDelete() throws IOException {
    lay(new Tar().text("lib/a.so", "old").text("lib/b.so", "b").text("opt/mlo/x", "x"));
    lay(new Tar().text("lib/a.so", "new").text("lib/.wh.b.so", "").text(".wh.opt", ""));
    assertThat(content("/lib/a.so")).isEqualTo("new");
    assertThat(files.has("lib/b.so")).isFalse();
    assertThat(files.hasBelow("opt/mlo")).isFalse();
  }

  @Test
  void emptiedDirectoriesKeepWhatTheSameLayerBrings() throws IOException {
    lay(new Tar().text("lib/a.so", "a"));
    lay(new Tar().text("lib/b.so", "b").text("lib/.wh..wh..opq", ""));
    assertThat(files.has("lib/a.so")).isFalse();
    assertThat(content("/lib/b.so")).isEqualTo("b");
  }

  @Test
  void filesBelowALinkOfALowerLayerLieWhereItLeads() throws IOException {
    lay(new Tar().directory("usr/lib").link("lib", "usr/lib"));
    lay(new Tar().text("lib/a.so", "a"));
    assertThat(content("/usr/lib/a.so")).isEqualTo("a");
  }

  @Test
  void pathsOutOfTheImageAreRefused() {
    assertThatThrownBy(() -> lay(new Tar().text("lib/../../a.so", "a")))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("leads out");
  }
}
