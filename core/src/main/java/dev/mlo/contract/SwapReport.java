package dev.mlo.contract;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A swap as `GET /mlo/v1/swaps/{id}` tells it.
///
/// @param missing the layers the runner still waits for, while PULLING
/// @param timings milliseconds a finished phase took, in order
/// @param serving what the runner serves at this moment, whatever became of the swap
public record SwapReport(
    String id,
    String image,
    String digest,
    SwapState state,
    @Nullable Serving from,
    @Nullable Serving to,
    List<Blob> missing,
    Map<String, Double> timings,
    @Nullable Fault fault,
    @Nullable Serving serving,
    @Nullable String startedAt,
    @Nullable String reason) {

  public record Blob(String digest, long size) {}

  /// Why a swap ended without its model serving.
  ///
  /// @param phase the state in which it failed
  /// @param code a word for programs: `selftest_mismatch`, `incompatible_signature`
  public record Fault(SwapState phase, String code, String message, boolean retryable) {}
}
