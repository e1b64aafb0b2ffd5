package dev.mlo.cli.promote;

import dev.mlo.cli.project.Environment;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A release on its way to an environment.
///
/// @param source where it is taken from
/// @param closure what it consists of; `null` when it was not looked at yet or could not be read
/// @param fault why it could not
record Candidate(
    ModelImage image,
    Release release,
    Origin source,
    Environment target,
    @Nullable Closure closure,
    @Nullable String fault) {

  /// A store and what the ledger calls it: an environment's name, or `store` for the project's own.
  record Origin(LayoutStore store, String name, Descriptor root) {
    static final String PROJECT = "store";
  }

  static Candidate of(Origin source, Environment target) throws IOException {
    Descriptor root = source.root().bare();
    ModelImage image = ModelImage.read(source.store(), root);
    return new Candidate(image, Release.of(root, image.version()), source, target, null, null);
  }

  /// Everything it consists of, read to the last byte.
  Candidate surveyed() throws IOException {
    try {
      Closure whole = Closure.of(source.store(), release.root());
      whole.verify(source.store());
      return new Candidate(image, release, source, target, whole, null);
    } catch (OciException e) {
      return new Candidate(image, release, source, target, null, e.getMessage());
    }
  }

  String model() {
    return image.name();
  }

  String versionTag() {
    return model() + ":" + release.version();
  }

  String pointerTag() {
    return model() + ":" + target.name();
  }
}
