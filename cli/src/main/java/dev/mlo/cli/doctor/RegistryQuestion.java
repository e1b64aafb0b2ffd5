package dev.mlo.cli.doctor;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.UnavailableException;
import dev.mlo.oci.registry.Patience;
import dev.mlo.oci.registry.Registries;
import dev.mlo.oci.registry.RegistryAccess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether a registry can be reached and lets us push to a repository, and what time it has.
record RegistryQuestion(String host, String repository) {
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(3), Duration.ofSeconds(3), 1);

  /// Signed tokens and certificates are refused from about here on.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// @throws Failure USAGE when the text names no repository of a registry
  static RegistryQuestion parse(String text) {
    try {
      if (ImageName.parse(text) instanceof ImageName.InRegistry name) {
        return new RegistryQuestion(name.host(), name.repository());
      }
    } catch (IllegalArgumentException e) {
      throw wrong(text).why(String.valueOf(e.getMessage()));
    }
    throw wrong(text);
  }

  private static Failure wrong(String text) {
    return Failure.of(ExitCode.USAGE, "`" + text + "` names no repository of a registry")
        .hint("mlo doctor --registry registry.example.com/ml/iris");
  }

  private String place() {
    return host + "/" + repository;
  }

  Question question(Map<String, String> environment) {
    Registries registries =
        new Registries(Registries.Options.of(environment).withPatience(PATIENCE));
    return Question.of("registry " + host, () -> ask(registries));
  }

  private List<Check> ask(Registries registries) throws IOException {
    RegistryAccess access;
    String name = "registry " + host;
    try {
      access = registries.open(host, repository).access();
    } catch (DeniedException e) {
      return List.of(new Check.Broken(name, Doctor.line(e), "mlo login " + host, ExitCode.DENIED));
    } catch (UnavailableException e) {
      return List.of(new Check.Broken(name, Doctor.line(e), fix(e.remedy()), ExitCode.NETWORK));
    }
    var checks = new ArrayList<Check>();
    checks.add(
        new Check.Fine(
            name,
            "%s, wants %s, takes us for %s"
                .formatted(access.base().getScheme(), access.wanted(), access.account())));
    checks.add(push(access));
    access.clock().ifPresent(theirs -> checks.add(clock(theirs, Instant.now())));
    return checks;
  }

  private String fix(UnavailableException.Remedy remedy) {
    return switch (remedy) {
      case ADDRESS -> "check the name and the port, HTTPS_PROXY and NO_PROXY";
      case TRUST ->
          "if you trust it, SSL_CERT_FILE=CA.pem, or put CA.crt into ~/.docker/certs.d/%s/"
              .formatted(host);
      case PLAIN -> "if it is to be asked without TLS, MLO_PLAIN_HTTP=" + host;
      case TLS ->
          "leave out --plain-http and MLO_PLAIN_HTTP; on this machine: MLO_INSECURE=%s, or put CA.crt into ~/.docker/certs.d/%s/"
              .formatted(host, host);
      case ACCOUNT -> "wait a while, or mlo login " + host;
      case REPEAT, LIMIT, WRITABLE -> "ask who runs it; then mlo doctor again";
    };
  }

  private Check push(RegistryAccess access) {
    String name = "push " + place();
    if (access.push()) {
      return access.residue()
          ? new Check.Doubtful(
              name,
              "allowed; the trial upload could not be taken back, the registry forgets it",
              "nothing to do")
          : new Check.Fine(name, "allowed; an upload was begun and taken back");
    }
    return new Check.Broken(
        name,
        "refused to %s: %s".formatted(access.account(), access.words()),
        "mlo login " + host,
        ExitCode.DENIED);
  }

  static Check clock(Instant theirs, Instant ours) {
    // A registry tells whole seconds.
    Duration skew = Duration.between(theirs, ours);
    if (skew.abs().compareTo(SKEW) <= 0) {
      return new Check.Fine(
          "clock", "as the registry's, to %d s".formatted(skew.abs().toSeconds()));
    }
    return new Check.Doubtful(
        "clock",
        "%d minutes %s the registry's"
            .formatted(skew.abs().toMinutes(), skew.isNegative() ? "behind" : "ahead of"),
        "timedatectl set-ntp true");
  }
}
