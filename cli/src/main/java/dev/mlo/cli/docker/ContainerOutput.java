package dev.mlo.cli.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a container writes, in lines: of its standard output all that nobody has waited past yet,
/// of its standard error the last few.
final class ContainerOutput extends ResultCallback.Adapter<Frame> {
  private static final int KEPT = 12;

  /// A longer line is cut into several.
  private static final int MAX_LINE = 8_192;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();
  private final Deque<String> lines = new ArrayDeque<>();
  private final Deque<String> complaints = new ArrayDeque<>();
  private boolean ended;

  @Override
  public synchronized void onNext(Frame frame) {
    boolean err = frame.getStreamType() == StreamType.STDERR;
    for (byte b : frame.getPayload()) {
      ByteArrayOutputStream line = err ? complained : said;
      if (b != '\n') {
        line.write(b);
      }
      if (b == '\n' || line.size() >= MAX_LINE) {
        keep(err ? complaints : lines, line.toString(StandardCharsets.UTF_8));
        line.reset();
      }
    }
  }

  private void keep(Deque<String> where, String line) {
    if (!line.isBlank()) {
      where.addLast(line.strip());
    }
    while (where.size() > KEPT) {
      where.removeFirst();
    }
    notifyAll();
  }

  @Override
  public void onError(Throwable e) {
    end();
    super.onError(e);
  }

  @Override
  public void onComplete() {
    end();
    super.onComplete();
  }

  private synchronized void end() {
    keep(lines, said.toString(StandardCharsets.UTF_8));
    keep(complaints, complained.toString(StandardCharsets.UTF_8));
    ended = true;
    notifyAll();
  }

  /// @return whether such a line came before the end
  synchronized boolean says(Predicate<String> wanted) throws InterruptedException {
    while (true) {
      for (@Nullable String line = lines.pollFirst(); line != null; line = lines.pollFirst()) {
        if (wanted.test(line)) {
          return true;
        }
      }
      if (ended) {
        return false;
      }
      wait();
    }
  }

  /// What of the standard output nobody has waited past, once all has come; it comes at once when
  /// the container has ended.
  synchronized List<String> leftOver(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toMillis();
          !ended && left > 0;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new ArrayList<>(lines);
  }

  synchronized List<String> lastWords() {
    return new ArrayList<>(complaints);
  }
}
