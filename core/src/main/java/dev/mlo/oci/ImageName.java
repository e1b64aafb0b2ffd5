package dev.mlo.oci;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What a person calls an image on the command line; each kind of place has its own form.
public sealed interface ImageName {
  /// Of the project's own store: `iris`, `iris:1.0.0`, `iris@sha256:…`. A digest decides where both
  /// are given.
  record InProject(String name, @Nullable String tag, @Nullable Digest digest)
      implements ImageName {
    @Override
    public String toString() {
      return name + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
  }

  /// Of an OCI layout: `oci:DIR`, `oci:DIR:NAME`, `oci:DIR@sha256:…`. As with skopeo, the directory
  /// ends at the first colon.
  ///
  /// @param reference a name or a digest in the layout; `null`: its only image
  record InLayout(Path directory, @Nullable String reference) implements ImageName {
    @Override
    public String toString() {
      if (reference == null) {
        return "oci:" + directory;
      }
      return "oci:" + directory + (Digest.isDigest(reference) ? "@" : ":") + reference;
    }
  }

  /// Of a tar that holds an OCI layout, or an export of Docker: `tar:FILE`.
  record InTar(Path file) implements ImageName {
    @Override
    public String toString() {
      return "tar:" + file;
    }
  }

  /// Of the Docker engine: `docker:NAME`.
  record InDocker(String reference) implements ImageName {
    @Override
    public String toString() {
      return "docker:" + reference;
    }
  }

  /// Of a registry: `HOST/REPOSITORY:TAG`, `HOST/REPOSITORY@sha256:…`.
  record InRegistry(String host, String repository, @Nullable String tag, @Nullable Digest digest)
      implements ImageName {
    @Override
    public String toString() {
      return host
          + "/"
          + repository
          + (tag == null ? "" : ":" + tag)
          + (digest == null ? "" : "@" + digest);
    }
  }

  /// What an environment points at now: `env:prod`.
  record InEnvironment(String environment) implements ImageName {
    @Override
    public String toString() {
      return "env:" + environment;
    }
  }

  /// @throws IllegalArgumentException when the text is no name; the message says what one looks
  ///   like
  static ImageName parse(String text) {
    ImageNameParser parser = new ImageNameParser(text);
    if (text.startsWith("oci:")) {
      return parser.layout(text.substring(4));
    }
    if (text.startsWith("tar:")) {
      return new InTar(parser.path(text.substring(4)));
    }
    if (text.startsWith("docker:")) {
      return parser.docker(text.substring(7));
    }
    if (text.startsWith("env:")) {
      return parser.environment(text.substring(4));
    }
    return parser.plain();
  }
}
