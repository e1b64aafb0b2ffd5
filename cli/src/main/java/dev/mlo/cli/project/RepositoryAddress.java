package dev.mlo.cli.project;

import java.net.URISyntaxException;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/// The address of a git repository as it may be published: what everyone who has access would use,
/// and nothing that gives access.
final class RepositoryAddress {
  private static final Set<String> SCHEMES = Set.of("https", "http", "ssh", "git", "git+ssh");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+]");
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/._~%+-]+");

  private RepositoryAddress() {}

  /// Without user, password, query and fragment, each of which may hold a token. `null` for what
  /// lies on this machine, and for what is not certain to be understood.
  static @Nullable String withoutSecrets(String url) {
    URIish parsed;
    try {
      parsed = new URIish(url);
    } catch (URISyntaxException e) {
      return null;
    }
    String scheme = parsed.getScheme() == null ? "ssh" : parsed.getScheme();
    @Nullable String host = parsed.getHost();
    @Nullable String path = parsed.getRawPath();
    if (host == null || path == null || !SCHEMES.contains(scheme)) {
      return null;
    }
    host = host.substring(host.lastIndexOf('@') + 1);
    path = path.replaceFirst("[?#].*", "").replaceFirst("^/+", "");
    if (!HOST.matcher(host).matches() || !PATH.matcher(path).matches()) {
      return null;
    }
    String port = parsed.getPort() < 0 ? "" : ":" + parsed.getPort();
    return "%s://%s%s/%s".formatted(scheme, host, port, path);
  }
}
