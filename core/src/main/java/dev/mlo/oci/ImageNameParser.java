package dev.mlo.oci;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The grammars of image-spec and distribution-spec, narrowed to what every tool takes.
record ImageNameParser(String text) {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern REF_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,254}");
  private static final Pattern DOCKER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@/-]{0,510}");
  private static final Pattern HOST =
      Pattern.compile(
          "(?:\\[[0-9a-fA-F:.]{2,45}\\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}))(?::[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*");
  private static final Pattern AT_DIGEST = Pattern.compile("(.*)@(sha(?:256|512):.*)");

  ImageName layout(String rest) {
    Matcher at = AT_DIGEST.matcher(rest);
    if (at.matches()) {
      return new ImageName.InLayout(path(at.group(1)), digest(at.group(2)).toString());
    }
    int colon = rest.indexOf(':');
    if (colon < 0) {
      return new ImageName.InLayout(path(rest), null);
    }
    String name = rest.substring(colon + 1);
    require(REF_NAME, name, "a name in the layout, such as iris:1.0.0");
    return new ImageName.InLayout(path(rest.substring(0, colon)), name);
  }

  ImageName docker(String rest) {
    require(DOCKER, rest, "an image of Docker, such as docker:iris:1.0.0");
    return new ImageName.InDocker(rest);
  }

  ImageName environment(String rest) {
    require(LABEL, rest, "an environment, such as env:prod");
    return new ImageName.InEnvironment(rest);
  }

  ImageName plain() {
    Matcher at = AT_DIGEST.matcher(text);
    @Nullable Digest digest = at.matches() ? digest(at.group(2)) : null;
    String name = at.matches() ? at.group(1) : text;
    @Nullable String tag = null;
    int colon = name.lastIndexOf(':');
    if (colon > name.lastIndexOf('/')) {
      tag = name.substring(colon + 1);
      require(TAG, tag, "a tag, such as 1.0.0, after the last colon");
      name = name.substring(0, colon);
    }
    int slash = name.indexOf('/');
    if (slash < 0) {
      require(LABEL, name, "a name, such as iris:1.0.0, oci:DIR, tar:FILE or env:prod");
      return new ImageName.InProject(name, tag, digest);
    }
    return registry(name.substring(0, slash), name.substring(slash + 1), tag, digest);
  }

  private ImageName registry(
      String host, String repository, @Nullable String tag, @Nullable Digest digest) {
    boolean isHost = host.contains(".") || host.contains(":") || host.equals("localhost");
    if (!isHost) {
      throw wrong(
          "a registry's host before the first slash; a directory is oci:DIR, a file tar:FILE");
    }
    require(HOST, host, "a registry's host before the first slash");
    require(REPOSITORY, repository, "a repository in lower case after the host");
    return new ImageName.InRegistry(host, repository, tag, digest);
  }

  Path path(String path) {
    if (path.isEmpty()) {
      throw wrong("a path after the prefix");
    }
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw wrong("a path after the prefix");
    }
  }

  private Digest digest(String digest) {
    try {
      return Digest.parse(digest);
    } catch (IllegalArgumentException e) {
      throw wrong("sha256: and 64, or sha512: and 128 lower-case hex digits after the @");
    }
  }

  private void require(Pattern pattern, String part, String expected) {
    if (!pattern.matcher(part).matches()) {
      throw wrong(expected);
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "`%s` names no image: expected %s".formatted(text, expected));
  }
}
