package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.JsonFormatException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/// What is said when a runner does not answer as one.
///
/// @param url where its admin API should be
/// @param hasToken whether a token was sent along
record RunnerFailures(URI url, boolean hasToken) {
  Failure inferencePort() {
    return Failure.of(ExitCode.NOT_FOUND, "`%s` is the inference port of a runner".formatted(url))
        .why("models are swapped on its admin port, 8082 unless it was told otherwise")
        .hint(
            "name the admin port: --runner %s://%s:8082".formatted(url.getScheme(), url.getHost()));
  }

  Failure stranger(String why) {
    return Failure.of(ExitCode.NOT_FOUND, "`%s` is no mlo runner".formatted(url))
        .why(why)
        .hint("name the admin port of a runner, as `mlo run` prints it");
  }

  Failure denied(String said) {
    String what = hasToken ? "`%s` refuses the token" : "`%s` asks for a token";
    return Failure.of(ExitCode.DENIED, what.formatted(url))
        .why(said)
        .hint(
            "name the file that holds the token with --token-file FILE; for a runner started by"
                + " `mlo run` it is .mlo/run/ID.token in its project");
  }

  Failure lost(IOException e) {
    String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return switch (e) {
      case JsonFormatException _ -> stranger("its answer cannot be understood: " + said);
      case HttpConnectTimeoutException _ -> nobody("no connection within the time limit");
      case HttpTimeoutException _ ->
          Failure.of(ExitCode.NETWORK, "`%s` does not answer".formatted(url))
              .why(said)
              .hint("look at the runner's own output, then run the command again")
              .cause(e);
      case ConnectException _ ->
          nobody(
              e.getCause() instanceof UnresolvedAddressException
                      || (e.getCause() != null
                          && e.getCause().getCause() instanceof UnresolvedAddressException)
                  ? "the name `%s` is not known".formatted(url.getHost())
                  : e.getMessage() == null ? "connection refused" : said);
      case SSLException _ ->
          Failure.of(ExitCode.NETWORK, "no secure connection to `%s`".formatted(url))
              .why(said)
              .hint("is it http:// rather than https://?");
      case ProtocolException _ -> stranger("it does not speak HTTP: " + said);
      default ->
          Failure.of(ExitCode.NETWORK, "the connection to `%s` broke".formatted(url))
              .why(said)
              .hint("look at the runner's own output, then run the command again")
              .cause(e);
    };
  }

  private Failure nobody(String why) {
    return Failure.of(ExitCode.NETWORK, "no runner answers at `%s`".formatted(url))
        .why(why)
        .hint("start one with `mlo run IMAGE`, or name its admin port with --runner URL");
  }
}
