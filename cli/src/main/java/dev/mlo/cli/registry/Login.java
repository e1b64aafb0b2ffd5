package dev.mlo.cli.registry;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.registry.Credentials;
import dev.mlo.oci.registry.Keyring;
import dev.mlo.oci.registry.Registries;
import dev.mlo.oci.registry.RegistryLog;
import java.io.IOException;
import java.util.Map;

/// Keeps a password for a registry once the registry has accepted it, where Docker would keep it.
public final class Login {
  /// @param password shown in no message
  public record Request(String host, String user, String password, boolean dryRun) {
    /// @throws Failure when the host is none, or no registry could tell the user from the password
    public Request {
      host = RegistryHost.parse(host, "mlo login").name();
      if (user.contains(":") || user.codePoints().anyMatch(Character::isISOControl)) {
        throw Failure.of(ExitCode.USAGE, "no user is called so: a name has no colon in it")
            .hint("mlo login %s -u USER --password-stdin < FILE".formatted(host));
      }
      if (password.isEmpty()) {
        throw Failure.of(ExitCode.USAGE, "there is no password for " + user)
            .why("what was read was empty")
            .hint("mlo login %s -u %s --password-stdin < FILE".formatted(host, user));
      }
    }

    @Override
    public String toString() {
      return "login of %s at %s".formatted(user, host);
    }
  }

  /// @param asked false: the registry lets everybody in and says nothing of the password
  /// @param place where it is kept
  public record Result(
      String host, String user, boolean asked, Keyring.Place place, boolean dryRun) {}

  private Login() {}

  /// @throws dev.mlo.oci.DeniedException when the registry does not accept the password; then
  ///   nothing is stored
  /// @param log is told what is waited for
  public static Result login(Request request, Map<String, String> environment, RegistryLog log)
      throws IOException {
    Credentials credentials = Credentials.of(request.user, request.password, "the command line");
    Registries registries = new Registries(Registries.Options.of(environment).withLog(log));
    boolean asked = registries.accepts(request.host, credentials);
    Keyring keyring = new Keyring(environment, log);
    Keyring.Place place =
        request.dryRun
            ? keyring.placeFor(request.host)
            : keyring.store(request.host, request.user, request.password);
    return new Result(request.host, request.user, asked, place, request.dryRun);
  }
}
