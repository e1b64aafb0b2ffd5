package dev.mlo.oci.registry;

import dev.mlo.oci.ImageName;
import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Opens repositories. All of one registry share connections, account and patience; connections end
/// with the work that opened them ([Connections#OF_WORK]), or with the process.
public final class Registries {
  /// A variable: hosts to ask without TLS, with commas between.
  public static final String PLAIN = "MLO_PLAIN_HTTP";

  /// A variable: hosts whose certificates are not looked at, with commas between.
  public static final String INSECURE = "MLO_INSECURE";

  /// A variable: files with certificates, as a path list.
  public static final String AUTHORITIES = "MLO_CA_FILE";

  /// How to reach registries.
  ///
  /// @param plain hosts that are asked without TLS; this machine always is
  /// @param insecure hosts whose certificates are not looked at
  /// @param authorities files with certificates that are believed beside the usual ones
  /// @param uploads where to note down unfinished uploads; `null`: nowhere
  public record Options(
      Map<String, String> environment,
      Set<String> plain,
      Set<String> insecure,
      List<Path> authorities,
      @Nullable Path uploads,
      Patience patience,
      RegistryLog log) {
    public Options {
      environment = Map.copyOf(environment);
      plain = Set.copyOf(plain);
      insecure = Set.copyOf(insecure);
      authorities = List.copyOf(authorities);
    }

    public Options withUploads(@Nullable Path directory) {
      return new Options(environment, plain, insecure, authorities, directory, patience, log);
    }

    public Options withPlain(Set<String> hosts) {
      return new Options(environment, hosts, insecure, authorities, uploads, patience, log);
    }

    public Options withInsecure(Set<String> hosts) {
      return new Options(environment, plain, hosts, authorities, uploads, patience, log);
    }

    public Options withAuthorities(List<Path> files) {
      return new Options(environment, plain, insecure, files, uploads, patience, log);
    }

    public Options withPatience(Patience other) {
      return new Options(environment, plain, insecure, authorities, uploads, other, log);
    }

    public Options withLog(RegistryLog other) {
      return new Options(environment, plain, insecure, authorities, uploads, patience, other);
    }

    /// Accounts, proxies and certificates as other tools find them in the environment, and the
    /// hosts that [#PLAIN] and [#INSECURE] name.
    public static Options of(Map<String, String> environment) {
      return new Options(
          environment,
          Set.copyOf(list(environment, PLAIN, ",")),
          Set.copyOf(list(environment, INSECURE, ",")),
          list(environment, AUTHORITIES, File.pathSeparator).stream().map(Path::of).toList(),
          null,
          Patience.USUAL,
          RegistryLog.SILENT);
    }

    private static List<String> list(
        Map<String, String> environment, String variable, String between) {
      return Stream.of(environment.getOrDefault(variable, "").split(Pattern.quote(between), -1))
          .map(String::strip)
          .filter(text -> !text.isEmpty())
          .toList();
    }
  }

  private final Options options;
  private final Waiting waiting;
  private final Connections connections;
  private final Map<String, Conversation> conversations = new HashMap<>();

  public Registries(Options options) {
    this(options, Waiting.REAL);
  }

  Registries(Options options, Waiting waiting) {
    this.options = options;
    this.waiting = waiting;
    this.connections =
        Connections.OF_WORK.isBound() ? Connections.OF_WORK.get() : new Connections();
  }

  public RegistryStore open(ImageName.InRegistry name) throws IOException {
    return open(name.host(), name.repository());
  }

  public synchronized RegistryStore open(String host, String repository) throws IOException {
    @Nullable Conversation known = conversations.get(Address.canonical(host));
    Conversation conversation = known == null ? connect(host) : known;
    conversations.put(Address.canonical(host), conversation);
    return new RegistryStore(
        conversation, conversation.address().repository(repository), options.uploads());
  }

  /// Asks a registry whether it accepts these credentials, before they are kept.
  ///
  /// @return false: it lets everybody in and says nothing of them
  /// @throws dev.mlo.oci.DeniedException when it does not accept them
  public boolean accepts(String host, Credentials credentials) throws IOException {
    Address address = address(host);
    return new LoginCheck(address, client(host)).check(credentials);
  }

  /// Whoever says something of a host's certificate, be it that it need not be checked, says that
  /// the host has one.
  private Address address(String host) throws IOException {
    boolean certified =
        options.insecure().contains(host) || Trust.knows(host, options.environment());
    return certified && !options.plain().contains(host)
        ? Address.encrypted(host)
        : Address.of(host, options.plain().contains(host));
  }

  private Conversation connect(String host) throws IOException {
    boolean blind = options.insecure().contains(host);
    Address address = address(host);
    HttpClient client = client(host);
    return new Conversation(
        address,
        new Transport(
            client,
            options.patience(),
            left -> options.log().waiting(address.name(), "it says nothing", left)),
        new Authorization(address.name(), client, options.environment(), options.log()),
        options.patience(),
        new Backoff(waiting),
        options.log(),
        blind || options.plain().contains(host));
  }

  private HttpClient client(String host) throws IOException {
    HttpClient.Builder http =
        HttpClient.newBuilder()
            // Uploads of gigabytes over HTTP/2 end with the first GOAWAY of a load balancer.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.patience().connect());
    http.proxy(Proxies.of(options.environment()));
    Optional<SSLContext> trust =
        options.insecure().contains(host)
            ? Optional.of(Trust.blind())
            : Trust.of(host, options.environment(), options.authorities());
    trust.ifPresent(http::sslContext);
    return connections.add(http.build());
  }
}
