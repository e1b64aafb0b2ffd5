package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.LoadResponseItem;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DockerTag;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.TarArchiveWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One `docker load`: the archive is written into a pipe that docker-java reads from another
/// thread, so nothing of it lies on a disk or in memory.
final class LoadStream {
  private static final int BUFFER = 1 << 18;

  private final DockerClient client;
  private final DockerTag name;

  LoadStream(DockerClient client, DockerTag name) {
    this.client = client;
    this.name = name;
  }

  /// @param known layers the engine has
  /// @throws Failure in the engine's words when it does not take the image
  Copy.Report send(ImageSource source, Descriptor manifest, Set<Digest> known, CopyLog log)
      throws IOException {
    Pipe pipe = Pipe.open();
    try (Answer answer = new Answer(pipe);
        OutputStream out = Channels.newOutputStream(pipe.sink())) {
      client.loadImageAsyncCmd(Channels.newInputStream(pipe.source())).exec(answer);
      Copy.Report report;
      try (var buffered = new BufferedOutputStream(out, BUFFER);
          TarArchiveWriter writer = TarArchiveWriter.to(buffered, "docker:" + name, known)) {
        report = Copy.copy(source, manifest, writer, log);
        writer.tag(name.toString(), manifest);
        writer.finish();
      } catch (IOException e) {
        if (answer.isRefusal()) {
          throw refusal(answer);
        }
        throw e;
      }
      finish(answer);
      return report;
    }
  }

  private void finish(Answer answer) throws IOException {
    try {
      answer.awaitCompletion();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (RuntimeException e) {
      throw EngineFailures.explained("load " + name, e);
    }
    if (answer.isRefusal()) {
      throw refusal(answer);
    }
  }

  private Failure refusal(Answer answer) throws IOException {
    return answer.thrown instanceof RuntimeException e
        ? EngineFailures.explained("load " + name, e)
        : refused(name, String.valueOf(answer.error));
  }

  static Failure refused(DockerTag name, String why) {
    return Failure.of(ExitCode.UNEXPECTED, "the Docker Engine does not load " + name)
        .why(why)
        .hint("docker system df");
  }

  /// What the engine says while it loads. An engine that gives up reads no further, so the pipe is
  /// closed for whoever still writes.
  private static final class Answer extends ResultCallback.Adapter<LoadResponseItem> {
    private final Pipe pipe;
    private volatile @Nullable String error;
    private volatile @Nullable Throwable thrown;

    Answer(Pipe pipe) {
      this.pipe = pipe;
    }

    boolean isRefusal() {
      return error != null || thrown != null;
    }

    @Override
    public void onNext(LoadResponseItem item) {
      if (item.getErrorDetail() != null) {
        error = item.getErrorDetail().getMessage();
      }
    }

    @Override
    public void onError(Throwable e) {
      thrown = e;
      stopReading();
      super.onError(e);
    }

    @Override
    public void onComplete() {
      stopReading();
      super.onComplete();
    }

    private void stopReading() {
      try {
        pipe.source().close();
      } catch (IOException e) {
        thrown = e;
      }
    }
  }
}
