package dev.mlo.oci.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.DeniedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A `config.json` of Docker or an `auth.json` of podman, as it was read. No message of it shows
/// what stands in it but the keys.
final class CredentialFile {
  private static final int MAX_SIZE = 4 << 20;
  private static final Pattern WHERE = Pattern.compile("at line [0-9]+, column [0-9]+$");

  private final String shown;
  private final ObjectNode document;

  private CredentialFile(String shown, ObjectNode document) {
    this.shown = shown;
    this.document = document;
  }

  /// A file that does not exist is one without entries.
  ///
  /// @param shown what a person calls it
  static CredentialFile read(Path file, String shown) throws DeniedException {
    // Whoever opens a pipe waits for a writer, and a device may have no end.
    if (Files.exists(file) && !Files.isRegularFile(file) && !isNothing(file)) {
      throw damaged(shown, "it is no file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_SIZE + 1);
      if (bytes.length > MAX_SIZE) {
        throw damaged(shown, "it has more than %d MiB".formatted(MAX_SIZE >> 20));
      }
      // Docker takes an empty file for a new one.
      if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
        return new CredentialFile(shown, Json.object());
      }
      if (Json.parse(bytes) instanceof ObjectNode document) {
        return new CredentialFile(shown, document);
      }
      throw damaged(shown, "it is no JSON object");
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new CredentialFile(shown, Json.object());
    } catch (AccessDeniedException e) {
      throw damaged(shown, "permission denied");
    } catch (JsonFormatException e) {
      Matcher where = WHERE.matcher(String.valueOf(e.getMessage()));
      throw damaged(shown, "it is no JSON" + (where.find() ? " " + where.group() : ""));
    } catch (DeniedException e) {
      throw e;
    } catch (IOException e) {
      throw damaged(shown, String.valueOf(e.getMessage()));
    }
  }

  /// Who wants no credentials names a file that is always empty.
  private static boolean isNothing(Path file) {
    try {
      return Files.isSameFile(file, Path.of("/dev/null"));
    } catch (IOException e) {
      return false;
    }
  }

  private static DeniedException damaged(String shown, String why) {
    return new DeniedException(
        "HOST",
        "cannot read the credentials in " + shown + ": " + why,
        "mend %s, or move it away and log in again: mlo login".formatted(shown));
  }

  /// The name of the program that keeps the credentials of this server, when one does.
  @Nullable String helper(ServerKey server) throws DeniedException {
    @Nullable JsonNode named = best("credHelpers", server, null);
    JsonNode name = named == null ? document.path("credsStore") : named;
    if (name.isMissingNode() || name.isNull()) {
      return null;
    }
    if (!name.isTextual()) {
      throw damaged(shown, "the name of a credential helper is no text");
    }
    return name.textValue().isEmpty() ? null : name.textValue();
  }

  /// What the file itself holds.
  ///
  /// @param repository `null`: for the registry as a whole
  @Nullable Credentials entry(ServerKey server, @Nullable String repository)
      throws DeniedException {
    @Nullable JsonNode entry = best("auths", server, repository);
    if (entry == null || entry.isNull()) {
      return null;
    }
    if (!entry.isObject()) {
      throw damaged(shown, "an entry of `auths` is no object");
    }
    String registryToken = entry.path("registrytoken").asText("");
    if (!registryToken.isEmpty()) {
      try {
        return new Credentials.RegistryToken(registryToken, shown);
      } catch (IllegalArgumentException e) {
        throw damaged(shown, String.valueOf(e.getMessage()));
      }
    }
    String identityToken = entry.path("identitytoken").asText("");
    return identityToken.isEmpty()
        ? password(entry)
        : new Credentials.IdentityToken(identityToken, shown);
  }

  private @Nullable Credentials password(JsonNode entry) throws DeniedException {
    String user = entry.path("username").asText("");
    String secret = entry.path("password").asText("");
    String auth = entry.path("auth").asText("");
    if (!auth.isEmpty()) {
      String pair = decode(auth);
      int colon = pair.indexOf(':');
      if (colon <= 0) {
        throw damaged(shown, "an `auth` is no base64 of USER:PASSWORD");
      }
      user = pair.substring(0, colon);
      secret = pair.substring(colon + 1);
    }
    return user.isEmpty() && secret.isEmpty() ? null : Credentials.of(user, secret, shown);
  }

  private String decode(String auth) throws DeniedException {
    try {
      String pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
      // Old versions of Docker padded passwords with NUL.
      return pair.replaceFirst("\u0000+$", "");
    } catch (IllegalArgumentException e) {
      throw damaged(shown, "an `auth` is no base64 of USER:PASSWORD");
    }
  }

  private @Nullable JsonNode best(String field, ServerKey server, @Nullable String repository)
      throws DeniedException {
    JsonNode entries = document.path(field);
    if (!entries.isObject() && !entries.isMissingNode() && !entries.isNull()) {
      throw damaged(shown, "`" + field + "` is no object");
    }
    @Nullable JsonNode best = null;
    int rank = ServerKey.FOREIGN;
    for (Map.Entry<String, JsonNode> entry : entries.properties()) {
      int fits = server.fits(entry.getKey(), repository);
      if (fits > rank) {
        rank = fits;
        best = entry.getValue();
      }
    }
    return best;
  }

  /// The document with an entry for this server; everything else stays as and where it is.
  byte[] with(ServerKey server, String user, String secret) throws DeniedException {
    best("auths", server, null);
    ObjectNode copy = document.deepCopy();
    ObjectNode auths =
        copy.path("auths") instanceof ObjectNode there ? there : copy.putObject("auths");
    ObjectNode entry =
        auths.path(server.name()) instanceof ObjectNode there
            ? there
            : auths.putObject(server.name());
    entry.remove(List.of("auth", "username", "password", "identitytoken", "registrytoken"));
    if (user.equals(Credentials.TOKEN_USER)) {
      entry.put("identitytoken", secret);
    } else {
      entry.put("auth", new Credentials.Password(user, secret, shown).encoded());
    }
    return Json.pretty(copy);
  }

  /// The document without any entry for this server as a whole; `null` when there is none.
  byte @Nullable [] without(ServerKey server) throws DeniedException {
    best("auths", server, null);
    ObjectNode copy = document.deepCopy();
    if (!(copy.path("auths") instanceof ObjectNode auths)) {
      return null;
    }
    List<String> keys =
        auths
            .propertyStream()
            .map(Map.Entry::getKey)
            .filter(key -> server.fits(key, null) != ServerKey.FOREIGN)
            .toList();
    auths.remove(keys);
    return keys.isEmpty() ? null : Json.pretty(copy);
  }

  @Override
  public String toString() {
    return shown;
  }
}
