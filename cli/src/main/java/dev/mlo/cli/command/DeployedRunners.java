package dev.mlo.cli.command;

import dev.mlo.cli.deploy.RunnerFile;
import dev.mlo.cli.deploy.RunnerLook;
import dev.mlo.cli.deploy.RunnerSearch;
import dev.mlo.cli.deploy.RunnerTarget;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.promote.RunnerSighting;
import dev.mlo.cli.promote.RunnerWatch;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runners as promotion sees them, asked by the admin API that deployment speaks.
///
/// @param directory of the runner files, `.mlo/run`
/// @param tokenFile for runners that were not started here
record DeployedRunners(Path directory, @Nullable Path tokenFile) implements RunnerWatch {
  @Override
  public List<RunnerSighting> local() throws IOException {
    var found = new ArrayList<RunnerSighting>();
    for (RunnerFile runner : RunnerFile.all(directory)) {
      found.add(
          runner.runs()
              ? look(runner.id(), runner.http(), runner.image(), runner.admin())
              : new RunnerSighting(
                  runner.id(),
                  runner.http(),
                  runner.image(),
                  null,
                  "its process %d has ended".formatted(runner.pid())));
    }
    return found;
  }

  @Override
  public List<RunnerSighting> named(List<URI> runners) throws IOException {
    var found = new ArrayList<RunnerSighting>();
    for (URI runner : runners) {
      found.add(look(runner.toString(), runner.toString(), null, runner.toString()));
    }
    return found;
  }

  private RunnerSighting look(String name, String url, @Nullable String image, String admin)
      throws IOException {
    try {
      RunnerTarget target =
          new RunnerSearch(directory, null, tokenFile).at(List.of(admin)).getFirst();
      RunnerLook seen = RunnerLook.at(target);
      return new RunnerSighting(name, url, image, serves(seen.status()), seen.trouble());
    } catch (Failure e) {
      return new RunnerSighting(name, url, image, null, e.what());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while asking " + url);
    }
  }

  private static RunnerSighting.@Nullable Serves serves(@Nullable RunnerStatus status) {
    @Nullable Serving active = status == null ? null : status.active();
    if (status == null || active == null) {
      return null;
    }
    @Nullable String digest = active.imageDigest();
    return new RunnerSighting.Serves(
        active.model(),
        active.version(),
        digest != null && Digest.isDigest(digest) ? Digest.parse(digest) : null,
        status.ready());
  }
}
