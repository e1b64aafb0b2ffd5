package dev.mlo.oci.registry;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is said to one registry: with our account, with patience, and following where it points.
final class Conversation {
  private static final int HOPS = 8;

  /// How every message of a refusal begins.
  private static final String CANNOT = "cannot ";

  /// A host that cannot be reached at all is rarely there a moment later.
  private static final int TRIES_UNREACHABLE = 3;

  /// Reading gigabytes again costs more than asking again.
  private static final int TRIES_DAMAGED = 3;

  private final Address address;
  private final Transport transport;
  private final Authorization authorization;
  private final Patience patience;
  private final Backoff backoff;
  private final RegistryLog log;
  private final boolean anyScheme;

  /// @param anyScheme whether the registry may send us away from TLS
  Conversation(
      Address address,
      Transport transport,
      Authorization authorization,
      Patience patience,
      Backoff backoff,
      RegistryLog log,
      boolean anyScheme) {
    this.address = address;
    this.transport = transport;
    this.authorization = authorization;
    this.patience = patience;
    this.backoff = backoff;
    this.log = log;
    this.anyScheme = anyScheme;
  }

  Address address() {
    return address;
  }

  /// An address below the registry's interface.
  URI uri(String path) {
    return URI.create(address.base() + "/v2/" + path);
  }

  /// Asks, and asks again while what went wrong may pass.
  ///
  /// @param doing for messages: `push to localhost:5000/ml/fraud`
  /// @return an answer that another try would not change
  /// @throws UnavailableException when no try had an answer
  Reply send(Request request, String doing) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Reply reply = once(request);
        if (!reply.isPassing() || attempt >= patience.tries()) {
          return reply;
        }
        pause(attempt, reply);
      } catch (IOException e) {
        pause(attempt, e, doing);
      }
    }
  }

  /// Asks for what must be granted.
  ///
  /// @return a success
  Reply demand(Request request, String doing) throws IOException {
    Reply reply = send(request, doing);
    if (!reply.isSuccess()) {
      throw refusal(reply, doing);
    }
    return reply;
  }

  /// Asks once. A refusal of our account is answered, a redirect followed: by hand, because nobody
  /// but the registry may see what proves who we are.
  Reply once(Request request) throws IOException {
    backoff.join(left -> log.waiting(address.name(), "it asked to be left alone", left));
    Request now = request;
    int refusals = 0;
    for (int hop = 0; hop < HOPS; hop++) {
      boolean home = Address.origin(now.uri()).equals(Address.origin(address.base()));
      @Nullable String proof = home ? authorization.header(now.scopes()).orElse(null) : null;
      Reply reply = transport.send(now, proof);
      if (reply.status() == 401 && home && refusals++ < 2) {
        if (!authorization.refused(
            reply.headers().allValues("WWW-Authenticate"), now.scopes(), proof)) {
          return reply;
        }
        reply.close();
        continue;
      }
      if (proof != null && reply.status() != 401 && !reply.isPassing()) {
        authorization.accepted(now.scopes(), proof);
      }
      Optional<URI> next = next(now, reply);
      if (next.isEmpty()) {
        return reply;
      }
      reply.close();
      now =
          reply.status() == 303 && now.content() != null
              ? Request.of("GET", next.get())
              : now.at(next.get());
    }
    throw new UnavailableException(
        "%s sends us in circles: more than %d redirects".formatted(address.name(), HOPS));
  }

  /// Addresses at other hosts are often signed for one method, so only those of bodies are
  /// followed.
  private Optional<URI> next(Request request, Reply reply) throws UnavailableException {
    Optional<String> location = reply.header("Location");
    if (!reply.isRedirect()
        || location.isEmpty()
        || request.uri().getPath().contains("/referrers/")) {
      return Optional.empty();
    }
    URI next = Locations.resolve(request.uri(), location.get());
    boolean away = !Address.origin(next).equals(Address.origin(request.uri()));
    if (away && request.method().equals("HEAD")) {
      return Optional.empty();
    }
    Locations.check(address.base(), next, anyScheme);
    return Optional.of(next);
  }

  /// Whether an address that the registry gave may be used.
  void check(URI target) throws UnavailableException {
    Locations.check(address.base(), target, anyScheme);
  }

  int tries() {
    return patience.tries();
  }

  /// Before the next attempt, after an answer that may pass.
  void pause(int attempt, Reply reply) throws IOException {
    Words words = reply.words();
    reply.close();
    Duration pause = backoff.after(attempt, reply.header("Retry-After"));
    log.again(
        address.name(),
        "it answers " + reply.status() + (words.isEmpty() ? "" : ", " + words),
        pause,
        attempt + 1,
        patience.tries());
    backoff.sleep(pause);
  }

  /// Before the next attempt, after a failure of the network.
  ///
  /// @throws IOException when there is no next attempt, or it would not help
  void pause(int attempt, IOException failure, String doing) throws IOException {
    int tries =
        switch (failure) {
          case DeniedException denied
              when !String.valueOf(denied.getMessage()).startsWith(CANNOT) ->
              throw refused(denied, doing);
          case OciException known -> throw known;
          case InterruptedIOException interrupted
              when !(interrupted instanceof java.net.SocketTimeoutException) ->
              throw interrupted;
          case Transport.ContentException content -> throw content.failure();
          case Transport.UntrustedException _, Transport.CrossPurposeException _, ProxyRefusal _ ->
              1;
          case Transport.UnreachableException _ -> Math.min(TRIES_UNREACHABLE, patience.tries());
          default -> patience.tries();
        };
    if (attempt >= tries) {
      throw new UnavailableException(
          "cannot %s: %s%s"
              .formatted(
                  doing, failure.getMessage(), attempt == 1 ? "" : ", tried " + attempt + " times"),
          failure,
          remedy(failure));
    }
    Duration pause = backoff.after(attempt, Optional.empty());
    log.again(address.name(), String.valueOf(failure.getMessage()), pause, attempt + 1, tries);
    backoff.sleep(pause);
  }

  /// Before content is read once more that did not match its digest: what a wire garbled comes
  /// right the next time, what is wrong at the registry does not.
  ///
  /// @throws DigestMismatchException when it came wrong each time
  void pause(int attempt, DigestMismatchException failure) throws IOException {
    if (attempt >= TRIES_DAMAGED) {
      throw new DigestMismatchException(
          "%s, tried %d times".formatted(failure.getMessage(), attempt));
    }
    Duration pause = backoff.after(attempt, Optional.empty());
    log.again(
        address.name(), String.valueOf(failure.getMessage()), pause, attempt + 1, TRIES_DAMAGED);
    backoff.sleep(pause);
  }

  private static UnavailableException.Remedy remedy(IOException failure) {
    return switch (failure) {
      case Transport.UntrustedException _ -> UnavailableException.Remedy.TRUST;
      case Transport.CrossPurposeException crossed -> crossed.kind().remedy();
      case Transport.UnreachableException _, ProxyRefusal _ -> UnavailableException.Remedy.ADDRESS;
      default -> UnavailableException.Remedy.REPEAT;
    };
  }

  /// A server of tokens and a program that keeps passwords know nothing of what they are for.
  private DeniedException refused(DeniedException denied, String doing) {
    DeniedException told =
        new DeniedException(
            address.name(), CANNOT + "%s: %s".formatted(doing, denied.getMessage()));
    told.initCause(denied);
    return told;
  }

  /// Remembers how long the registry wants to be left alone.
  void rest(Reply reply) {
    reply.header("Retry-After").ifPresent(time -> backoff.after(1, Optional.of(time)));
    reply.close();
  }

  private static UnavailableException.Remedy remedy(Reply reply) {
    return switch (reply.status()) {
      // A registry for reading alone says that there is no such method.
      case 405 ->
          Set.of("GET", "HEAD").contains(reply.method())
              ? UnavailableException.Remedy.REPEAT
              : UnavailableException.Remedy.WRITABLE;
      case 413 -> UnavailableException.Remedy.LIMIT;
      case 429 -> UnavailableException.Remedy.ACCOUNT;
      default -> UnavailableException.Remedy.REPEAT;
    };
  }

  /// Whether another account may get another answer. Registries say of what one may not see that it
  /// does not exist, and limit the nameless more.
  private static boolean depends(int status) {
    return status == 401 || status == 403 || status == 404 || status == 429;
  }

  /// What the registry wants to see of us.
  String wanted() {
    return authorization.wanted();
  }

  /// Whom the registry takes us for.
  String account() {
    return authorization.account();
  }

  /// What an answer that is no success means.
  OciException refusal(Reply reply, String doing) {
    return refusal(reply, doing, reply.words());
  }

  /// The same for one whose words were read already.
  OciException refusal(Reply reply, String doing, Words words) {
    reply.close();
    int status = reply.status();
    String what =
        "cannot %s%s".formatted(doing, depends(status) ? " as " + authorization.account() : "");
    String why = words.isEmpty() ? "status " + status : words + ", status " + status;
    if (words.code().equals("NAME_UNKNOWN") && !reply.method().equals("GET")) {
      why = "the repository does not exist, and the registry makes none: create it first; " + why;
    }
    Optional<CrossPurpose> crossed = CrossPurpose.of(status, words.toString());
    if (crossed.isPresent()) {
      why += "; " + crossed.get().words();
    }
    String message = what + ": " + why;
    return switch (status) {
      case 401, 403 -> new DeniedException(address.name(), message);
      case 404, 410 -> new NotFoundException(message);
      case 409 -> new ConflictException(message);
      default ->
          words.code().equals("DIGEST_INVALID")
              ? new DigestMismatchException(message)
              : words.code().equals("DENIED") || words.code().equals("UNAUTHORIZED")
                  ? new DeniedException(address.name(), message)
                  : new UnavailableException(
                      message, crossed.map(CrossPurpose::remedy).orElse(remedy(reply)));
    };
  }
}
