package dev.mlo.cli.docker;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.ImageTarget;
import java.util.Set;
import java.util.function.Predicate;

/// For the plan of a copy: a place that has some blobs. Nothing is written to it.
record HeldBlobs(Predicate<Digest> held) implements ImageTarget {
  static HeldBlobs all() {
    return new HeldBlobs(_ -> true);
  }

  static HeldBlobs of(Set<Digest> held) {
    return new HeldBlobs(held::contains);
  }

  @Override
  public boolean has(Descriptor descriptor) {
    return held.test(descriptor.digest());
  }

  @Override
  public long blob(Descriptor descriptor, ImageSource source) {
    throw unexpected();
  }

  @Override
  public void manifest(Descriptor descriptor, byte[] bytes) {
    throw unexpected();
  }

  @Override
  public void referrer(Descriptor descriptor, byte[] bytes) {
    throw unexpected();
  }

  @Override
  public void tag(String name, Descriptor descriptor) {
    throw unexpected();
  }

  private static IllegalStateException unexpected() {
    return new IllegalStateException("a plan writes nothing");
  }

  @Override
  public String describe() {
    return "the Docker Engine";
  }
}
