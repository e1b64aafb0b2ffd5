package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageName;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What people call a base, and what is said of it under that name.
///
/// @param shown for messages
/// @param recorded what images on it say they stand on: no place of this machine, and no digest
///   where there is a tag, for that is recorded beside it
record BaseName(String shown, String recorded) {
  private static final String LAYOUT = "oci:";

  /// Docker Hub, which Docker leaves out of the names of its images.
  private static final Set<String> HUB = Set.of("docker.io", "index.docker.io");

  private static final String LIBRARY = "library/";

  /// @param text `oci:DIR`, `oci:DIR:NAME`, `oci:DIR@sha256:…`, or an image in a registry as Docker
  ///   calls it: of Docker Hub without a host, with the tag `latest` where there is none
  /// @throws Failure USAGE when the text is none of these
  static ImageName parse(String text) {
    if (text.equals("scratch")) {
      throw Failure.of(ExitCode.USAGE, "the base `scratch` is empty: it has no C library")
          .hint("mlo runner build --base bundled   (this machine's, and nothing else)");
    }
    try {
      if (text.startsWith(LAYOUT)) {
        return ImageName.parse(text);
      }
      if (ImageName.parse(isOfHub(text) ? "docker.io/" + text : text)
          instanceof ImageName.InRegistry name) {
        return name.tag() == null && name.digest() == null
            ? new ImageName.InRegistry(name.host(), name.repository(), "latest", null)
            : name;
      }
      throw new IllegalArgumentException("it names no image in a registry");
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no image to stand on".formatted(text))
          .why("expected `bundled`, `oci:DIR:NAME`, or NAME:TAG, HOST/NAME:TAG, HOST/NAME@sha256:…")
          .hint("mlo runner build --base eclipse-temurin:25-jre")
          .cause(e);
    }
  }

  /// Docker's rule: what comes before the first slash is a host if it could not be a user's name.
  private static boolean isOfHub(String text) {
    int slash = text.indexOf('/');
    String first = text.substring(0, Math.max(slash, 0));
    return !first.contains(".") && !first.contains(":") && !first.equals("localhost");
  }

  static BaseName of(ImageName.InRegistry image) {
    String repository = image.repository();
    String name = image.host() + "/" + repository;
    if (HUB.contains(image.host())) {
      name = repository.startsWith(LIBRARY) ? repository.substring(LIBRARY.length()) : repository;
    }
    String whole = name + (image.tag() == null ? "@" + image.digest() : ":" + image.tag());
    return new BaseName(whole, whole);
  }

  /// @param name it has in the layout
  static BaseName of(ImageName.InLayout image, @Nullable String name) {
    @Nullable String asked = image.reference();
    boolean byName = name != null && (asked == null || !Digest.isDigest(asked));
    return new BaseName(image.toString(), byName ? LAYOUT + name : "oci");
  }

  /// Whether what was recorded tells no one where the base is.
  static boolean isOfLayout(String recorded) {
    return recorded.equals("oci") || recorded.startsWith(LAYOUT);
  }

  /// It is there and cannot be stood on.
  Failure unsuitable(String why) {
    return Failure.of(ExitCode.USAGE, "`%s` cannot be the base of a runner image".formatted(shown))
        .why(why)
        .hint(
            "take an image for its platform with glibc and libstdc++ (Debian, Ubuntu, Fedora, …):"
                + " mlo runner build --base eclipse-temurin:25-jre");
  }

  Failure damaged(String why) {
    return Failure.of(ExitCode.INTEGRITY, "`%s` is damaged".formatted(shown)).why(why);
  }
}
