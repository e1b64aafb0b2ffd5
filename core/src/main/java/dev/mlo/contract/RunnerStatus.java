package dev.mlo.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `GET /mlo/v1/status`: what a runner is and what it serves.
///
/// @param runner the version of the runner
/// @param source where the boot decision came from: `image`, `state`, `previous`
/// @param formats the engines it has
/// @param swap the live swap, or the last one
public record RunnerStatus(
    String runner,
    boolean ready,
    @Nullable Serving active,
    @Nullable Serving previous,
    @Nullable Serving candidate,
    long generation,
    String source,
    List<String> formats,
    @Nullable SwapReport swap,
    long requests,
    double uptimeSeconds) {}
