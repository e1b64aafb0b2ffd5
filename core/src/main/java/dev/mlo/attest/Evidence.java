package dev.mlo.attest;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One thing that was said of an image, found beside it.
///
/// @param referrer the artifact, as the store lists it
/// @param manifest of the artifact
public record Evidence(Kind kind, Descriptor referrer, Manifest manifest) {
  /// What an artifact is about, as its type says.
  public enum Kind {
    PROVENANCE,
    BOM,
    TESTS,
    OTHER
  }

  /// Everything that was said of a digest, in the order of the store.
  public static List<Evidence> of(ImageSource source, Digest subject) throws IOException {
    var found = new ArrayList<Evidence>();
    for (Descriptor referrer : source.referrers(subject)) {
      if (MediaTypes.isManifest(referrer.mediaType())) {
        Manifest manifest = Manifest.parse(source.manifest(referrer));
        found.add(new Evidence(kind(manifest), referrer, manifest));
      }
    }
    return List.copyOf(found);
  }

  private static Kind kind(Manifest manifest) {
    String type = String.valueOf(manifest.artifactType());
    boolean readable = manifest.layers().size() == 1;
    if (readable && type.equals(TestResult.ARTIFACT_TYPE)) {
      return Kind.TESTS;
    }
    if (readable && type.equals(BillOfMaterials.TYPE)) {
      return Kind.BOM;
    }
    return readable
            && type.equals(MediaTypes.IN_TOTO)
            && Provenance.PREDICATE.equals(manifest.annotations().get(Statement.PREDICATE_TYPE))
        ? Kind.PROVENANCE
        : Kind.OTHER;
  }

  /// The newest of a kind: the last test, the provenance from the newest commit; where that is the
  /// same or unknown, the one attached last. Of bills, the image's own.
  public static Optional<Evidence> newest(List<Evidence> all, Kind kind) {
    return all.reversed().stream()
        .filter(evidence -> evidence.kind == kind)
        .sorted(
            Comparator.comparingInt(BillOfMaterials::rank)
                .thenComparing(Evidence::moment, Comparator.reverseOrder()))
        .findFirst();
  }

  private String moment() {
    return manifest
        .annotations()
        .getOrDefault(
            Attachment.CREATED, manifest.annotations().getOrDefault(Provenance.COMMITTED, ""));
  }

  /// The bytes of the one layer.
  ///
  /// @throws DocumentException when there is another number of layers, or too much in it
  public byte[] document(ImageSource source) throws IOException {
    if (manifest.layers().size() != 1) {
      throw new DocumentException(referrer.digest() + " does not hold one document");
    }
    return Attachment.read(source, manifest.layers().getFirst());
  }
}
