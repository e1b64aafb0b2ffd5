package dev.mlo.oci.registry;

import dev.mlo.oci.StoreException;
import dev.mlo.oci.UnavailableException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are believed: those that Java believes, and those that the places name which
/// other tools look at as well.
final class Trust {
  private Trust() {}

  /// @param authorities files that are believed as well
  /// @return empty when there is nothing to add to what Java believes
  /// @throws UnavailableException when a file that the environment names cannot be read
  static Optional<SSLContext> of(
      String host, Map<String, String> environment, List<Path> authorities) throws IOException {
    List<Path> files = files(host, environment);
    files.addAll(authorities);
    if (files.isEmpty()) {
      return Optional.empty();
    }
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (X509Certificate usual : usual()) {
        store.setCertificateEntry("usual-" + number++, usual);
      }
      for (Path file : files) {
        for (Certificate extra : read(file)) {
          store.setCertificateEntry("extra-" + number++, extra);
        }
      }
      TrustManagerFactory factory = factory(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw unusable("cannot use the certificates of " + files + ": " + e.getMessage(), e);
    }
  }

  /// Believes everybody. Only for hosts that a person named.
  static SSLContext blind() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Blind()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new StoreException("cannot use TLS: " + e.getMessage(), e);
    }
  }

  private static List<Path> files(String host, Map<String, String> environment) throws IOException {
    var files = new ArrayList<Path>();
    @Nullable String file = environment.get("SSL_CERT_FILE");
    if (file != null && !file.isEmpty()) {
      files.add(Path.of(file));
    }
    @Nullable String docker = environment.get("DOCKER_CERT_PATH");
    if (docker != null && !docker.isEmpty() && Files.exists(Path.of(docker, "ca.pem"))) {
      files.add(Path.of(docker, "ca.pem"));
    }
    files.addAll(named(host, environment));
    return files;
  }

  /// Whether a place of Docker or podman holds certificates for this host alone.
  static boolean knows(String host, Map<String, String> environment) throws IOException {
    return !named(host, environment).isEmpty();
  }

  private static List<Path> named(String host, Map<String, String> environment) throws IOException {
    @Nullable String home = environment.get("HOME");
    var folders = new ArrayList<>(List.of("/etc/docker/certs.d", "/etc/containers/certs.d"));
    if (home != null) {
      folders.add(home + "/.docker/certs.d");
      folders.add(home + "/.config/containers/certs.d");
    }
    var files = new ArrayList<Path>();
    for (String folder : folders) {
      Path directory = Path.of(folder, host);
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> certificates = Files.newDirectoryStream(directory, "*.crt")) {
          certificates.forEach(files::add);
        }
      }
    }
    return files;
  }

  private static List<Certificate> read(Path file) throws IOException {
    // Java's reader takes one byte at a time, and each from a file would be a system call.
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      List<Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (found.isEmpty()) {
        throw unusable("there are no certificates in " + file, null);
      }
      return found;
    } catch (UnavailableException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw unusable("cannot read the certificates in " + file + ": no such file", e);
    } catch (IOException | CertificateException e) {
      throw unusable("cannot read the certificates in " + file + ": " + e.getMessage(), e);
    }
  }

  private static UnavailableException unusable(String message, @Nullable Exception cause) {
    return new UnavailableException(message, cause, UnavailableException.Remedy.TRUST);
  }

  /// What is wrong with a certificate, for people.
  ///
  /// @return empty when the failure is of another kind
  static Optional<String> words(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      switch (t) {
        case CertificateExpiredException _ -> {
          return Optional.of("its certificate has expired (%s)".formatted(t.getMessage()));
        }
        case CertificateNotYetValidException _ -> {
          return Optional.of(
              "its certificate is not valid yet (%s); does the clock here go right?"
                  .formatted(t.getMessage()));
        }
        case CertPathBuilderException _ -> {
          return Optional.of(
              "its certificate comes from an authority that is not known here"
                  + " (SSL_CERT_FILE or --ca-file names more of them)");
        }
        case CertificateException other when isAboutName(String.valueOf(other.getMessage())) -> {
          return Optional.of(
              "its certificate is for another host: " + Words.plain("" + t.getMessage(), 160));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private static boolean isAboutName(String message) {
    return message.startsWith("No subject alternative") || message.startsWith("No name matching");
  }

  private static List<X509Certificate> usual() throws GeneralSecurityException {
    for (TrustManager manager : factory(null).getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return List.of(x509.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static TrustManagerFactory factory(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  /// An extended manager is also asked for the host's name, which it does not look at.
  private static final class Blind extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
