package dev.mlo.oci.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// What we prove with who we are. None of them shows its secret in its text form.
public sealed interface Credentials {
  /// What Docker's stores call the user of an identity token.
  String TOKEN_USER = "<token>";

  /// Who we are and who says so, for messages: `alice from ~/.docker/config.json`.
  String account();

  /// What must appear in no message.
  List<String> secrets();

  /// Nobody.
  record Anonymous() implements Credentials {
    @Override
    public String account() {
      return "anonymous";
    }

    @Override
    public List<String> secrets() {
      return List.of();
    }
  }

  /// @param origin where they were found, as a person calls it
  record Password(String user, String secret, String origin) implements Credentials {
    @Override
    public String account() {
      return Words.plain(user, 64) + " from " + origin;
    }

    /// What follows `Basic`.
    String encoded() {
      return Base64.getEncoder()
          .encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<String> secrets() {
      return List.of(encoded(), secret);
    }

    @Override
    public String toString() {
      return account();
    }
  }

  /// A refresh token: exchanged for access tokens at the token server (OAuth 2).
  record IdentityToken(String token, String origin) implements Credentials {
    @Override
    public String account() {
      return "an identity token from " + origin;
    }

    @Override
    public List<String> secrets() {
      return List.of(token);
    }

    @Override
    public String toString() {
      return account();
    }
  }

  /// An access token that is sent as it is.
  record RegistryToken(String token, String origin) implements Credentials {
    /// @throws IllegalArgumentException when it cannot stand in a header; the message does not say
    ///   what it is
    public RegistryToken {
      if (!Token.isSendable(token)) {
        throw new IllegalArgumentException("the registry token has characters no token has");
      }
    }

    @Override
    public String account() {
      return "a registry token from " + origin;
    }

    @Override
    public List<String> secrets() {
      return List.of(token);
    }

    @Override
    public String toString() {
      return account();
    }
  }

  /// As credential helpers and the login command name them.
  static Credentials of(String user, String secret, String origin) {
    return user.equals(TOKEN_USER)
        ? new IdentityToken(secret, origin)
        : new Password(user, secret, origin);
  }
}
