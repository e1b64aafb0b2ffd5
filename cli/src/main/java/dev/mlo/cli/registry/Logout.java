package dev.mlo.cli.registry;

import dev.mlo.oci.registry.Keyring;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Forgets what was kept for a registry.
public final class Logout {
  /// @param places where there was something; empty: nobody was logged in
  public record Result(String host, List<Keyring.Place> places, boolean dryRun) {
    public Result {
      places = List.copyOf(places);
    }
  }

  private Logout() {}

  public static Result logout(String host, boolean dryRun, Map<String, String> environment)
      throws IOException {
    String name = RegistryHost.parse(host, "mlo logout").name();
    return new Result(name, new Keyring(environment).erase(name, dryRun), dryRun);
  }
}
