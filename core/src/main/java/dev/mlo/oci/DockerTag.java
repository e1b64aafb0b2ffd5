package dev.mlo.oci;

import java.util.regex.Pattern;

/// What a Docker Engine calls an image: `iris:1.0.0`, `registry.example.com/ml/iris:1.0.0`
/// (distribution/reference, with a tag and without a digest).
public record DockerTag(String repository, String tag) {
  private static final String PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?" + PART + "(?:/" + PART + ")*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final int MAX_REPOSITORY = 255;

  public DockerTag {
    if (!REPOSITORY.matcher(repository).matches()
        || repository.length() > MAX_REPOSITORY
        || !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "`%s:%s` is no name of an image of Docker: expected lower case and a tag, such as iris:1.0.0"
              .formatted(repository, tag));
    }
  }

  /// @param otherwise the tag of a name without one
  /// @throws IllegalArgumentException when the text is no such name
  public static DockerTag parse(String text, String otherwise) {
    int colon = text.lastIndexOf(':');
    return colon > text.lastIndexOf('/')
        ? new DockerTag(text.substring(0, colon), text.substring(colon + 1))
        : new DockerTag(text, otherwise);
  }

  static boolean isTag(String text) {
    int colon = text.lastIndexOf(':');
    return colon > text.lastIndexOf('/')
        && colon <= MAX_REPOSITORY
        && REPOSITORY.matcher(text.substring(0, colon)).matches()
        && TAG.matcher(text.substring(colon + 1)).matches();
  }

  @Override
  public String toString() {
    return repository + ":" + tag;
  }
}
