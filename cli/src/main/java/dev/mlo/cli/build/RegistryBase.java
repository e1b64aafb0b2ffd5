package dev.mlo.cli.build;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import com.google.cloud.tools.jib.http.ResponseException;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate.ContentDescriptorTemplate;
import com.google.cloud.tools.jib.image.json.ManifestListTemplate;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.registry.ManifestAndDigest;
import com.google.cloud.tools.jib.registry.RegistryClient;
import com.google.cloud.tools.jib.registry.credentials.DockerConfigCredentialRetriever;
import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.DigestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An image in a registry, fetched with Jib's registry client: its manifest for one platform, its
/// configuration, its layers as they are.
///
/// Not with the rest of Jib: its builder takes no uncompressed layers, writes each media type anew
/// and does not tell the base's digest (ARCHITECTURE.md, "Decisions").
final class RegistryBase implements BaseSource {
  private static final int ATTEMPTS = 3;
  private static final long LARGEST_CONFIG = 4L << 20;

  @FunctionalInterface
  private interface Question<T> {
    T ask(RegistryClient client) throws IOException, RegistryException;
  }

  private final RegistryAddress address;
  private final RegistryAnswer answer;
  private final Path dockerConfig;
  private final BuildLog log;
  private final FailoverHttpClient http;
  private RegistryClient client;
  private boolean authenticated;

  /// Jib asks over HTTPS first, which a server of plain HTTP may leave unanswered for long.
  private static final class PlainHttpClient extends FailoverHttpClient {
    private final String registry;

    PlainHttpClient(String registry, Consumer<LogEvent> told) {
      super(true, true, told);
      this.registry = registry;
    }

    @Override
    public Response call(String method, URL url, Request request) throws IOException {
      boolean own = url.getAuthority().equals(registry) && url.getProtocol().equals("https");
      URL asked =
          own ? URI.create("http" + url.toString().substring("https".length())).toURL() : url;
      return super.call(method, asked, request);
    }
  }

  private RegistryBase(RegistryAddress address, boolean plain, Path dockerConfig, BuildLog log) {
    this.address = address;
    this.answer = new RegistryAnswer(address);
    this.dockerConfig = dockerConfig;
    this.log = log;
    this.http =
        plain
            ? new PlainHttpClient(address.registry(), this::heard)
            : new FailoverHttpClient(address.insecure(), address.insecure(), this::heard);
    this.client = client(null);
  }

  /// @throws dev.mlo.cli.failure.Failure when the reference is none, or nobody answers there
  static RegistryBase open(RunnerImage.Request request, BuildLog log) {
    RegistryAddress address = RegistryAddress.parse(request.base(), request.lenient());
    return new RegistryBase(
        address,
        address.speaksPlainHttp(),
        RegistryAddress.dockerConfig(request.environment()),
        log);
  }

  /// Jib tries again by itself before it has an answer; otherwise it has nothing to say here.
  private void heard(LogEvent event) {
    if (event.getLevel() == LogEvent.Level.WARN && event.getMessage().contains("will be retried")) {
      log.note(event.getMessage());
    }
  }

  private RegistryClient client(@Nullable Credential credential) {
    ImageReference image = address.image();
    return RegistryClient.factory(
            EventHandlers.NONE, image.getRegistry(), image.getRepository(), http)
        .setUserAgent("mlo/" + Installation.version())
        .setCredential(credential)
        .newRegistryClient();
  }

  /// Asks for manifest and configuration.
  @Override
  public Found find(Platform platform) throws IOException {
    try {
      return found(platform);
    } catch (RegistryAnswer.BrokenException e) {
      throw e.failure();
    }
  }

  private Found found(Platform platform) throws IOException {
    ManifestAndDigest<ManifestTemplate> found = manifest(address.image().getQualifier());
    if (found.getManifest() instanceof ManifestListTemplate list) {
      List<String> fitting = list.getDigestsForPlatform(platform.architecture(), platform.os());
      if (fitting.isEmpty()) {
        throw answer.unsuitable("it has no image for " + platform);
      }
      found = manifest(fitting.getFirst());
    }
    if (!(found.getManifest() instanceof BuildableManifestTemplate image)) {
      throw answer.unsuitable("its manifest is of an older kind than Docker's schema 2");
    }
    List<Descriptor> layers = new ArrayList<>();
    for (ContentDescriptorTemplate layer : image.getLayers()) {
      layers.add(descriptor(layer));
    }
    ImageConfig config = config(descriptor(image.getContainerConfiguration()));
    if (!config.platform().equals(platform)) {
      throw answer.unsuitable("it is for %s, not for %s".formatted(config.platform(), platform));
    }
    if (config.diffIds().size() != layers.size()) {
      throw new DocumentException("image configuration: it names other layers than the manifest");
    }
    return new Found(
        address.recorded(), address.recorded(), digest(found.getDigest()), config, layers);
  }

  private ManifestAndDigest<ManifestTemplate> manifest(String qualifier) throws IOException {
    ManifestAndDigest<ManifestTemplate> found = ask(client -> client.pullManifest(qualifier));
    if (Digest.isDigest(qualifier) && !found.getDigest().toString().equals(qualifier)) {
      throw answer.otherBytes(qualifier, found.getDigest().toString());
    }
    return found;
  }

  private static Descriptor descriptor(@Nullable ContentDescriptorTemplate of)
      throws DocumentException {
    @Nullable DescriptorDigest digest = of == null ? null : of.getDigest();
    if (of == null || digest == null || of.getSize() < 0) {
      throw new DocumentException("manifest: it lacks a digest or a size");
    }
    return Descriptor.of(MediaTypes.LAYER_TAR_GZIP, digest(digest), of.getSize());
  }

  private static Digest digest(DescriptorDigest digest) {
    return Digest.parse(digest.toString());
  }

  private ImageConfig config(Descriptor config) throws IOException {
    if (config.size() > LARGEST_CONFIG) {
      throw new DocumentException("image configuration: it is larger than 4 MiB");
    }
    var bytes = new ByteArrayOutputStream();
    pull(config, bytes, BuildLog.SILENT);
    return ImageConfig.parse(bytes.toByteArray());
  }

  /// A connection that breaks is taken up again from the start, and so is a layer that comes with
  /// other bytes.
  @Override
  public void fetch(Descriptor layer, String what, LayoutStore into) throws IOException {
    for (int attempt = 1; ; attempt++) {
      log.layerStarted(what, layer.size());
      try {
        into.blob(MediaTypes.LAYER_TAR, out -> pull(layer, out, log));
        return;
      } catch (RegistryAnswer.BrokenException e) {
        again(what, attempt, e.failure(), e.getMessage());
      } catch (DigestMismatchException e) {
        again(what, attempt, answer.damaged(String.valueOf(e.getMessage())), e.getMessage());
      } catch (Failure e) {
        if (e.code() != ExitCode.INTEGRITY) {
          throw e;
        }
        again(what, attempt, e, String.join("; ", e.why()));
      } finally {
        log.layerFinished();
      }
    }
  }

  private void again(String what, int attempt, Failure failure, @Nullable String why) {
    if (attempt == ATTEMPTS) {
      throw failure.why("tried %d times".formatted(attempt));
    }
    log.note("%s: %s; trying again".formatted(what, why));
  }

  private void pull(Descriptor blob, OutputStream out, BuildLog told) throws IOException {
    BlobStream stream = new BlobStream(out, blob, told);
    try {
      ask(client -> client.pullBlob(jib(blob.digest()), _ -> {}, _ -> {}).writeTo(stream));
    } catch (RegistryAnswer.BrokenException e) {
      throw stream.failure().orElse(e);
    }
    stream.requireWhole();
  }

  private static DescriptorDigest jib(Digest digest) {
    try {
      return DescriptorDigest.fromDigest(digest.toString());
    } catch (DigestException e) {
      throw new IllegalArgumentException(digest + " did not come from Jib", e);
    }
  }

  private <T> T ask(Question<T> question) throws IOException {
    try {
      return Interruptible.run(() -> answered(question));
    } catch (RegistryException | IOException e) {
      throw answer.explain(e);
    }
  }

  /// Asks without credentials first: most bases are public, and a wrong password would spoil it.
  private <T> T answered(Question<T> question) throws IOException, RegistryException {
    try {
      return question.ask(client);
    } catch (RegistryUnauthorizedException e) {
      if (authenticated || !authenticate(e)) {
        throw e;
      }
      return question.ask(client);
    }
  }

  /// @return whether there is now something to show that there was not before
  private boolean authenticate(RegistryUnauthorizedException refused)
      throws IOException, RegistryException {
    authenticated = true;
    if (!(refused.getCause() instanceof ResponseException response)
        || response.getStatusCode() != 401) {
      return false;
    }
    @Nullable Credential credential = credential().orElse(null);
    answer.account(credential == null ? null : credential.getUsername());
    client = client(credential);
    if (client.doPullBearerAuth()) {
      return true;
    }
    if (credential == null || credential.isOAuth2RefreshToken()) {
      return false;
    }
    client.configureBasicAuth();
    return true;
  }

  private Optional<Credential> credential() throws IOException {
    try {
      return DockerConfigCredentialRetriever.create(address.image().getRegistry(), dockerConfig)
          .retrieve(event -> {
            if (event.getLevel() == LogEvent.Level.WARN) {
              log.note(event.getMessage());
            }
          });
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw answer.unreadable(dockerConfig);
    }
  }

  @Override
  public void close() throws IOException {
    http.shutDown();
  }
}
