package dev.mlo.oci;

import java.util.List;
import java.util.regex.Pattern;

/// Tags that are made of the digest they speak of. They are no names of images.
public final class DigestTag {
  /// Signatures, attestations and bills of materials of cosign, before it used referrers.
  private static final List<String> COSIGN = List.of(".sig", ".att", ".sbom");

  private static final Pattern FORM =
      Pattern.compile("sha(?:256|512)-[0-9a-f]{64}(?:\\.(?:sig|att|sbom))?");

  private DigestTag() {}

  /// Under which the artifacts about a manifest are listed where a registry does not list them
  /// itself; of a long digest only the beginning (distribution specification, "Referrers Tag
  /// Schema").
  public static String referrers(Digest subject) {
    return subject.algorithm() + "-" + subject.hex().substring(0, 64);
  }

  /// Where cosign keeps what it says of a manifest.
  public static List<String> cosign(Digest subject) {
    return subject.algorithm().equals("sha256")
        ? COSIGN.stream().map(kind -> referrers(subject) + kind).toList()
        : List.of();
  }

  public static boolean is(String name) {
    return FORM.matcher(name).matches();
  }
}
