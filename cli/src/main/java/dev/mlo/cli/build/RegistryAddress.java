package dev.mlo.cli.build;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Which image of which registry, and how it may be asked for.
///
/// @param insecure whether plain HTTP, and a certificate nobody vouches for, will do
record RegistryAddress(ImageReference image, boolean insecure) {
  private static final Pattern LOOPBACK =
      Pattern.compile("(?:localhost|127(?:\\.\\d{1,3}){3})(?::\\d+)?");

  private static final int PATIENCE_MILLIS = 10_000;
  private static final int HTTPS = 443;

  /// @param lenient registries for which less will do; on loopback nobody has to ask
  /// @throws Failure USAGE when the text is no reference
  static RegistryAddress parse(String text, Set<String> lenient) {
    ImageReference image;
    try {
      image = ImageReference.parse(text);
    } catch (InvalidImageReferenceException e) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no image to stand on".formatted(text))
          .why("expected `bundled`, or NAME:TAG, HOST/NAME:TAG, HOST/NAME@sha256:…")
          .hint("mlo runner build --base eclipse-temurin:25-jre");
    }
    if (image.isScratch()) {
      throw Failure.of(ExitCode.USAGE, "the base `scratch` is empty: it has no C library")
          .hint("mlo runner build --base bundled   (this machine's, and nothing else)");
    }
    String host = image.getRegistry();
    return new RegistryAddress(image, lenient.contains(host) || LOOPBACK.matcher(host).matches());
  }

  /// Where Docker keeps its configuration, and credentials in it.
  static Path dockerConfig(Map<String, String> environment) {
    String folder = environment.getOrDefault("DOCKER_CONFIG", "");
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    return folder.isEmpty()
        ? Path.of(home, ".docker", "config.json")
        : Path.of(folder, "config.json");
  }

  String registry() {
    return image.getRegistry();
  }

  /// Without tag and digest, as Docker shows it.
  String name() {
    return ImageReference.of(registry(), image.getRepository(), null).toString();
  }

  /// The tag, else the digest; the digest of what was found is recorded beside it anyway.
  String recorded() {
    return name() + image.getTag().map(tag -> ":" + tag).orElseGet(() -> "@" + qualifier());
  }

  /// The digest, else the tag.
  String qualifier() {
    return image.getQualifier();
  }

  /// Jib would try for minutes to reach a host that is not there, or whose certificate is not to be
  /// trusted; so both are found out first. Behind a proxy, it is the proxy's to find out.
  ///
  /// @return whether it is allowed to speak plain HTTP, and does
  /// @throws Failure NETWORK when nobody answers, or somebody else
  boolean speaksPlainHttp() {
    URI uri = URI.create("https://" + registry());
    boolean otherPortWillDo = insecure && uri.getPort() < 0;
    if (otherPortWillDo || !ProxySelector.getDefault().select(uri).contains(Proxy.NO_PROXY)) {
      return false;
    }
    int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
    InetSocketAddress at = new InetSocketAddress(uri.getHost(), port);
    if (at.isUnresolved()) {
      throw unreachable("no host of that name is known");
    }
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(at, PATIENCE_MILLIS);
      if (insecure) {
        return answersPlainHttp(socket);
      }
      requireTrust(socket, uri.getHost(), port);
      return false;
    } catch (SSLException e) {
      throw untrusted(String.valueOf(e.getMessage())).cause(e);
    } catch (SocketTimeoutException e) {
      throw unreachable("no answer for %d seconds".formatted(PATIENCE_MILLIS / 1000)).cause(e);
    } catch (IOException e) {
      throw unreachable(String.valueOf(e.getMessage())).cause(e);
    }
  }

  /// Servers of HTTPS answer such a request with status 400, with a message of TLS, or not at all.
  private boolean answersPlainHttp(Socket socket) throws IOException {
    String question =
        "GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(registry());
    try {
      socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(
              socket.getInputStream().readNBytes("HTTP/1.1 400".length()),
              StandardCharsets.ISO_8859_1);
      return answer.startsWith("HTTP/1.") && !answer.endsWith(" 400");
    } catch (SocketException e) {
      return false;
    }
  }

  private static void requireTrust(Socket socket, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    try (SSLSocket secure = (SSLSocket) factory.createSocket(socket, host, port, true)) {
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      secure.startHandshake();
    }
  }

  Failure untrusted(String why) {
    return Failure.of(
            ExitCode.NETWORK,
            "the registry %s cannot be asked over a trusted HTTPS connection".formatted(registry()))
        .why(why)
        .hint(
            "add --insecure %s if plain HTTP, or a certificate nobody vouches for, will do"
                .formatted(registry()));
  }

  Failure unreachable(String why) {
    return Failure.of(ExitCode.NETWORK, "the registry %s cannot be reached".formatted(registry()))
        .why(why)
        .hint("mlo runner build --base bundled   (needs no registry)");
  }
}
