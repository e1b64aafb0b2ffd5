package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A layout with images for the tests, and the way from it to registries that misbehave.
final class Shelf {
  final LayoutStore layout;
  final FakeTime time = new FakeTime();

  private final Duration silence;

  Shelf(Path directory) throws IOException {
    this(directory, Duration.ofSeconds(10));
  }

  /// @param silence how long a registry may say nothing; short where that is what is tested
  Shelf(Path directory, Duration silence) throws IOException {
    this.silence = silence;
    layout = LayoutStore.create(directory);
  }

  Descriptor blob(String mediaType, String content) throws IOException {
    return layout.blob(mediaType, content.getBytes(UTF_8));
  }

  Descriptor layer(String content) throws IOException {
    return blob(MediaTypes.LAYER_TAR, content);
  }

  Descriptor image(Descriptor... layers) throws IOException {
    return manifest(null, layers);
  }

  /// Something said of a manifest.
  Descriptor said(Descriptor subject, String text) throws IOException {
    Descriptor artifact = manifest(subject, blob("text/plain", text));
    layout.referrer(artifact, layout.manifest(artifact));
    return artifact;
  }

  private Descriptor manifest(@Nullable Descriptor subject, Descriptor... layers)
      throws IOException {
    Descriptor config = blob(MediaTypes.CONFIG, "{}");
    @Nullable Descriptor of = subject == null ? null : subject.bare();
    return put(
        MediaTypes.MANIFEST,
        new Manifest(MediaTypes.MANIFEST, null, config, List.of(layers), of, Map.of()).write());
  }

  Descriptor index(Descriptor... children) throws IOException {
    return put(MediaTypes.INDEX, new Index(MediaTypes.INDEX, List.of(children), Map.of()).write());
  }

  Descriptor put(String mediaType, byte[] bytes) throws IOException {
    Descriptor descriptor = Descriptor.of(mediaType, bytes);
    layout.manifest(descriptor, bytes);
    return descriptor;
  }

  RegistryStore store(FakeRegistry registry, String repository) throws IOException {
    var options =
        new Registries.Options(
            Map.of("HOME", "/nonexistent"),
            Set.of(),
            Set.of(),
            List.of(),
            null,
            new Patience(Duration.ofSeconds(2), silence, 3),
            RegistryLog.SILENT);
    return new Registries(options, time).open(registry.host(), repository);
  }

  Copy.Report push(Descriptor root, RegistryStore store, String tag) throws IOException {
    Copy.Report report = Copy.copy(layout, root, store, CopyLog.SILENT);
    store.tag(tag, root);
    return report;
  }
}
