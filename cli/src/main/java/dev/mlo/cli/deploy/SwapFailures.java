package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// What is said of a swap that one runner did not carry out: why, what serves there now, and what
/// to try.
///
/// @param before what served when the swap was asked for
/// @param image the name of what was to serve
record SwapFailures(URI url, @Nullable Serving before, String image) {
  /// The runner would not begin.
  Failure notStarted(RefusedException e) {
    Serving serving = e.serving() == null ? before : e.serving();
    return switch (e.status()) {
      case 409 ->
          Failure.of(ExitCode.CONFLICT, "a swap is already under way at `%s`".formatted(url))
              .why(e.reason())
              .why(Sentences.stillServes(serving))
              .hint("wait for its end (mlo status shows it), then run the command again");
      case 412 ->
          Failure.of(
                  ExitCode.CONFLICT, "the model of `%s` was changed by someone else".formatted(url))
              .why(e.reason())
              .why("`%s` serves".formatted(Sentences.model(serving)))
              .hint("look at mlo status, then run the command again");
      default -> refusal(e.reason(), e.code(), serving, "");
    };
  }

  /// It ended otherwise than it should.
  Failure refused(SwapReport end) {
    SwapReport.@Nullable Fault fault = end.fault();
    String serves =
        end.state() == SwapState.ROLLED_BACK && end.serving() != null
            ? "rolled back: `%s` serves again".formatted(Sentences.model(end.serving()))
            : "";
    if (fault == null) {
      String how =
          switch (end.state()) {
            case ABORTED -> "somebody stopped it";
            case SUPERSEDED -> "a newer swap took its place";
            case INTERRUPTED -> "the runner was restarted during it";
            default -> "it ended as " + end.state();
          };
      return refusal(how, null, end.serving(), serves);
    }
    return refusal(
        "%s: %s: %s".formatted(fault.phase(), fault.code(), fault.message()),
        fault.code(),
        end.serving(),
        serves);
  }

  /// @param serves what serves now, in words; empty: the model before still does
  Failure refusal(String why, @Nullable String code, @Nullable Serving serving, String serves) {
    Failure failure =
        Failure.of(ExitCode.SWAP_REFUSED, "`%s` did not take `%s`".formatted(url, image))
            .why(why)
            .why(
                serves.isEmpty()
                    ? Sentences.stillServes(serving == null ? before : serving)
                    : serves);
    return failure.hint(
        switch (code) {
          case "incompatible_signature" ->
              "if every client is ready for the change: add --allow-signature-change";
          case "format_unavailable" -> "start a runner from it: mlo run " + image;
          case "selftest_mismatch", "selftest_error", "warmup_error", "load_error" ->
              "mlo test " + image;
          case null, default -> "mlo status";
        });
  }

  /// The connection broke and did not come back.
  Failure vanished(Failure last) {
    return Failure.of(ExitCode.NETWORK, "`%s` was lost during the swap".formatted(url))
        .why(last.what())
        .why(last.why())
        .why(
            "until a swap is committed a runner serves, and starts again with, the model before:"
                + " `%s`".formatted(Sentences.model(before)))
        .hint("start the runner again, then run the command again")
        .cause(last);
  }
}
