package dev.mlo.oci.registry;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a registry is called where credentials are kept. The keys there were written by many tools
/// over many years: with a scheme, with `/v1/`, with a path that narrows them to some repositories.
record ServerKey(String host) {
  private static final String HUB = "docker.io";
  private static final String HUB_NAME = "https://index.docker.io/v1/";
  private static final Set<String> HUB_HOSTS =
      Set.of(HUB, "index.docker.io", "registry-1.docker.io");

  /// No entry of this registry.
  static final int FOREIGN = -1;

  ServerKey {
    String lower = host.toLowerCase(Locale.ROOT);
    host = HUB_HOSTS.contains(lower) ? HUB : lower;
  }

  /// The key that everybody writes today.
  String name() {
    return host.equals(HUB) ? HUB_NAME : host;
  }

  /// How well a key fits: more is better, [#FOREIGN] does not fit at all. A path is better the
  /// longer it is; today's spelling is better than an old one.
  ///
  /// @param repository `null`: the registry as a whole
  int fits(String key, @Nullable String repository) {
    if (key.equals(name())) {
      return 1;
    }
    int scheme = key.indexOf("://");
    String rest = scheme < 0 ? key : key.substring(scheme + 3);
    int slash = rest.indexOf('/');
    String keyHost = slash < 0 ? rest : rest.substring(0, slash);
    if (!new ServerKey(keyHost).host().equals(host)) {
      return FOREIGN;
    }
    String path = slash < 0 ? "" : rest.substring(slash + 1).replaceFirst("/+$", "");
    if (scheme >= 0 || path.isEmpty() || path.equals("v1") || path.equals("v2")) {
      return 0;
    }
    boolean below =
        repository != null && (repository.equals(path) || repository.startsWith(path + "/"));
    return below ? 1 + path.length() : FOREIGN;
  }
}
