package dev.mlo.attest;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// How a document is kept beside the image it speaks of: an artifact of one layer whose subject is
/// the image, so that every store lists it as a referrer and every copy takes it along.
public final class Attachment {
  /// On the layer: the file that tools which unpack artifacts write.
  public static final String TITLE = "org.opencontainers.image.title";

  /// When the document was made, where that is worth knowing.
  public static final String CREATED = "org.opencontainers.image.created";

  /// The largest document that is read, in bytes.
  private static final long MAX_BYTES = 4L << 20;

  /// @param referrer the artifact's manifest
  /// @param added whether it was not there before
  public record Attached(Descriptor referrer, boolean added) {}

  private Attachment() {}

  /// Attaches a document that lies in the store already. Doing it again changes nothing.
  ///
  /// @param type of the artifact
  /// @param annotations of the artifact
  public static Attached attach(
      LayoutStore store,
      Descriptor image,
      String type,
      Descriptor document,
      Map<String, String> annotations)
      throws IOException {
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                type,
                store.blob(MediaTypes.EMPTY, new byte[] {'{', '}'}),
                List.of(document),
                image.bare(),
                annotations)
            .write();
    Descriptor referrer = Descriptor.of(MediaTypes.MANIFEST, manifest);
    boolean added = !store.has(referrer);
    store.referrer(referrer, manifest);
    return new Attached(referrer, added);
  }

  /// @throws DocumentException when it is larger than any such document
  static byte[] read(ImageSource source, Descriptor document) throws IOException {
    if (document.size() > MAX_BYTES) {
      throw new DocumentException(
          "%s has %d bytes, more than is read of what was attached (%d)"
              .formatted(document.digest(), document.size(), MAX_BYTES));
    }
    return source.read(document, InputStream::readAllBytes);
  }
}
