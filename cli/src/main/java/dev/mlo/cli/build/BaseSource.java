package dev.mlo.cli.build;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Platform;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// Where a base image is had from: a registry, or a layout on this disk.
interface BaseSource extends Closeable {
  /// A base for one platform, its documents read.
  ///
  /// @param reference for messages; without the digest where there is a tag
  /// @param recorded what images on it say they stand on; names no place of this machine
  /// @param digest of the platform's manifest
  /// @param layers lowest first; their media types are not known yet
  record Found(
      String reference,
      String recorded,
      Digest digest,
      ImageConfig config,
      List<Descriptor> layers) {
    public Found {
      layers = List.copyOf(layers);
    }
  }

  /// @throws dev.mlo.cli.failure.Failure when there is none for the platform
  Found find(Platform platform) throws IOException;

  /// Brings a layer into a layout, every byte checked.
  ///
  /// @param what the layer is called in what is told of it
  void fetch(Descriptor layer, String what, LayoutStore into) throws IOException;
}
