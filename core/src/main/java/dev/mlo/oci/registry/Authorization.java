package dev.mlo.oci.registry;

import dev.mlo.oci.DeniedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What to say to one registry about who we are: nothing until it asks, then what it asks for.
///
/// Safe for threads that talk to the registry at once: they share tokens, and while one fetches a
/// token the others wait for it. Requests to token servers are not repeated here; an `IOException`
/// that is no `OciException` may be worth another try.
public final class Authorization {
  /// Where the credentials for a repository come from; `null` stands for the registry as a whole.
  private interface Source {
    Credentials find(@Nullable String repository) throws IOException;
  }

  /// What the registry wants.
  private sealed interface Demand {
    record Basic() implements Demand {}

    record Bearer(TokenServer server) implements Demand {}
  }

  private static final int MAX_SCOPES = 16;
  private static final int MAX_SCOPE_LENGTH = 512;

  private final String host;
  private final HttpClient http;
  private final Source source;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Credentials> found = new HashMap<>();
  private final Map<Set<Scope>, Set<String>> wider = new HashMap<>();
  private final Map<Set<String>, Token> tokens = new HashMap<>();
  private @Nullable Demand demand;
  private volatile String account = new Credentials.Anonymous().account();

  /// With the credentials that the user has stored.
  ///
  /// @param host with its port, as in an image's name
  /// @param http must not follow redirects: it would take credentials along
  public Authorization(
      String host, HttpClient http, Map<String, String> environment, RegistryLog log) {
    this(host, http, new Keyring(environment, log), InstantSource.system());
  }

  /// With these credentials and no others.
  public Authorization(String host, HttpClient http, Credentials credentials) {
    this(host, http, _ -> credentials, InstantSource.system());
  }

  Authorization(String host, HttpClient http, Keyring keyring, InstantSource clock) {
    this(host, http, repository -> keyring.find(host, repository), clock);
  }

  private Authorization(String host, HttpClient http, Source source, InstantSource clock) {
    if (http.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("a client that follows redirects leaks credentials");
    }
    this.host = host;
    this.http = http;
    this.source = source;
    this.clock = clock;
  }

  /// What to send as `Authorization` now. A token about to expire is renewed first.
  ///
  /// @throws DeniedException when the stored credentials are not accepted
  public Optional<String> header(Set<Scope> scopes) throws IOException {
    lock();
    try {
      return current(scopes);
    } finally {
      lock.unlock();
    }
  }

  /// Learns from an answer 401.
  ///
  /// @param wwwAuthenticate all fields `WWW-Authenticate` of the answer
  /// @param sent what the refused request had as `Authorization`
  /// @return whether a repeat with a new [#header] may succeed. Callers repeat a request a few
  ///   times at most, whatever this says: a registry may be out of its mind.
  /// @throws DeniedException when the credentials are not accepted, or are not safe to send
  public boolean refused(List<String> wwwAuthenticate, Set<Scope> scopes, @Nullable String sent)
      throws IOException {
    List<Challenge> challenges = ChallengeParser.parse(wwwAuthenticate);
    Optional<Challenge> bearer = challenges.stream().filter(Challenge::isBearer).findFirst();
    boolean basic = challenges.stream().anyMatch(Challenge::isBasic);
    lock();
    try {
      if (bearer.isPresent()) {
        return refusedToken(bearer.get(), scopes, sent);
      }
      if (!basic) {
        return false;
      }
      demand = new Demand.Basic();
      Optional<String> now = current(scopes);
      return now.isPresent() && !now.get().equals(sent);
    } finally {
      lock.unlock();
    }
  }

  /// Learns from an answer that is no 401: a token that was good for a request may expire before
  /// the next one, however short its life.
  ///
  /// @param sent what the request had as `Authorization`
  void accepted(Set<Scope> scopes, String sent) throws IOException {
    lock();
    try {
      Set<String> names = names(scopes);
      @Nullable Token token = tokens.get(names);
      if (token != null && token.doubtful() && token.header().equals(sent)) {
        tokens.put(names, token.asDoubtful(false));
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whom the registry takes us for, for messages: `anonymous`, `alice from ~/.docker/config.json`.
  public String account() {
    return account;
  }

  /// What the registry wants to see: `nothing`, `a password` or `a token`.
  String wanted() {
    return switch (demand) {
      case null -> "nothing";
      case Demand.Basic _ -> "a password";
      case Demand.Bearer _ -> "a token";
    };
  }

  private boolean refusedToken(Challenge challenge, Set<Scope> scopes, @Nullable String sent)
      throws IOException {
    TokenServer server = TokenServer.of(challenge, host, http, clock);
    if (!(demand instanceof Demand.Bearer known) || !known.server().isSame(server)) {
      demand = new Demand.Bearer(server);
      tokens.clear();
    }
    boolean more = learnScopes(challenge, scopes);
    Optional<String> now = current(scopes);
    if (now.isEmpty() || !now.get().equals(sent)) {
      return now.isPresent();
    }
    Set<String> names = names(scopes);
    @Nullable Token token = tokens.get(names);
    boolean narrow = "insufficient_scope".equals(challenge.parameter("error"));
    if (token == null || (narrow && !more) || token.isUseless(clock.instant())) {
      return false;
    }
    tokens.put(names, fetch(new Demand.Bearer(server), scopes).asDoubtful(true));
    return true;
  }

  /// The scopes that the registry names count where we know none ourselves, or where it says that
  /// ours do not suffice.
  ///
  /// @return whether there are new ones among them
  private boolean learnScopes(Challenge challenge, Set<Scope> scopes) {
    boolean narrow = "insufficient_scope".equals(challenge.parameter("error"));
    @Nullable String text = challenge.parameter("scope");
    if (text == null || !(scopes.isEmpty() || narrow)) {
      return false;
    }
    Set<String> all = new TreeSet<>(names(scopes));
    for (String name : text.split(" +", MAX_SCOPES)) {
      if (!name.isBlank() && name.length() <= MAX_SCOPE_LENGTH && !covers(scopes, name)) {
        all.add(name);
      }
    }
    if (all.equals(names(scopes))) {
      return false;
    }
    wider.put(Set.copyOf(scopes), all);
    return true;
  }

  /// Whether we ask for it already, perhaps with its actions in another order.
  private static boolean covers(Set<Scope> scopes, String name) {
    for (Scope scope : scopes) {
      String prefix = "repository:" + scope.repository() + ":";
      if (name.startsWith(prefix)) {
        Set<String> ours = Set.of(scope.toString().substring(prefix.length()).split(",", -1));
        return ours.containsAll(List.of(name.substring(prefix.length()).split(",", -1)));
      }
    }
    return false;
  }

  private Optional<String> current(Set<Scope> scopes) throws IOException {
    return switch (demand) {
      case null -> Optional.empty();
      case Demand.Basic _ ->
          credentials(scopes) instanceof Credentials.Password password
              ? Optional.of("Basic " + password.encoded())
              : Optional.empty();
      case Demand.Bearer bearer ->
          Optional.of(
              credentials(scopes) instanceof Credentials.RegistryToken fixed
                  ? "Bearer " + fixed.token()
                  : token(bearer, scopes).header());
    };
  }

  private Token token(Demand.Bearer bearer, Set<Scope> scopes) throws IOException {
    Set<String> names = names(scopes);
    @Nullable Token known = tokens.get(names);
    if (known != null && known.isGood(clock.instant())) {
      return known;
    }
    Token token = fetch(bearer, scopes);
    tokens.put(names, token);
    return token;
  }

  /// What everybody may pull is pulled although our password has expired.
  private Token fetch(Demand.Bearer bearer, Set<Scope> scopes) throws IOException {
    Credentials credentials = credentials(scopes);
    Set<String> names = names(scopes);
    try {
      return bearer.server().fetch(credentials, names);
    } catch (DeniedException denied) {
      boolean pull = !scopes.isEmpty() && scopes.stream().noneMatch(Scope::changes);
      if (!pull || credentials instanceof Credentials.Anonymous) {
        throw denied;
      }
      Credentials nobody = new Credentials.Anonymous();
      try {
        Token token = bearer.server().fetch(nobody, names);
        account = nobody.account() + ", as " + credentials.account() + " was not accepted";
        return token;
      } catch (DeniedException e) {
        denied.addSuppressed(e);
        throw denied;
      }
    }
  }

  private Set<String> names(Set<Scope> scopes) {
    Set<String> learned = wider.get(scopes);
    if (learned != null) {
      return learned;
    }
    var names = new TreeSet<String>();
    scopes.forEach(scope -> names.add(scope.toString()));
    return names;
  }

  /// One token serves all scopes of a request, so the credentials of one repository do: those of
  /// the one that is written to.
  private Credentials credentials(Set<Scope> scopes) throws IOException {
    String repository =
        new LinkedHashSet<>(scopes)
            .stream()
                .min(
                    Comparator.comparing((Scope scope) -> !scope.changes())
                        .thenComparing(Scope::repository))
                .map(Scope::repository)
                .orElse("");
    @Nullable Credentials known = found.get(repository);
    if (known == null) {
      known = Objects.requireNonNull(source.find(repository.isEmpty() ? null : repository));
      found.put(repository, known);
      account = known.account();
    }
    return known;
  }

  private void lock() throws InterruptedIOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while waiting for a token");
    }
  }

  @Override
  public String toString() {
    return host + " as " + account;
  }
}
