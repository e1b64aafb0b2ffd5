package dev.mlo.oci;

/// Media types of the OCI image specification, of Docker's schema 2, and of `mlo`'s own artifacts.
public final class MediaTypes {
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String LAYER_TAR = "application/vnd.oci.image.layer.v1.tar";
  public static final String LAYER_TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  public static final String EMPTY = "application/vnd.oci.empty.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_MANIFEST_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /// An in-toto statement, unsigned.
  public static final String IN_TOTO = "application/vnd.in-toto+json";

  private MediaTypes() {}

  public static boolean isIndex(String mediaType) {
    return mediaType.equals(INDEX) || mediaType.equals(DOCKER_MANIFEST_LIST);
  }

  /// Layers whose makers do not let others give them away. They lie where their `urls` say.
  public static boolean isForeign(String mediaType) {
    return mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.")
        || mediaType.startsWith("application/vnd.oci.image.layer.nondistributable.");
  }

  /// Whether it is a layer that is compressed with zstd.
  public static boolean isZstd(String mediaType) {
    return mediaType.endsWith("+zstd") || mediaType.endsWith(".zstd");
  }

  public static boolean isManifest(String mediaType) {
    return mediaType.equals(MANIFEST) || mediaType.equals(DOCKER_MANIFEST);
  }
}
