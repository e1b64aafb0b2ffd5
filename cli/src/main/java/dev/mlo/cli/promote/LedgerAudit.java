package dev.mlo.cli.promote;

import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/// Looks for events that were changed, taken out or put in: along the chain of digests, and along
/// the commits.
final class LedgerAudit {
  private final LedgerRepository repository;
  private final ObjectId head;
  private final List<String> faults = new ArrayList<>();

  private LedgerAudit(LedgerRepository repository, ObjectId head) {
    this.repository = repository;
    this.head = head;
  }

  /// Everything that is wrong, as sentences; empty when nothing is.
  ///
  /// @param environments the names whose chains are walked
  static List<String> faults(
      LedgerRepository repository,
      ObjectId head,
      String model,
      List<String> environments,
      Optional<ObjectId> lastSeen)
      throws IOException {
    var audit = new LedgerAudit(repository, head);
    for (String environment : environments) {
      audit.walkChain(model, environment);
    }
    audit.walkCommits();
    if (lastSeen.isPresent()) {
      audit.requireDescends(lastSeen.get());
    }
    return List.copyOf(audit.faults);
  }

  private void walkChain(String model, String environment) throws IOException {
    var view = new LedgerView(repository, head);
    @Nullable LedgerEvent before = null;
    @Nullable Digest digest = null;
    for (Map.Entry<String, byte[]> file : view.eventFiles(model, environment).entrySet()) {
      Optional<LedgerEvent> event = event(file.getKey(), file.getValue());
      if (event.isEmpty()) {
        return;
      }
      compare(file.getKey(), file.getValue(), event.get(), before, digest);
      before = event.get();
      digest = Digest.sha256(file.getValue());
    }
    compareRecord(view, model, environment, before, digest);
  }

  private Optional<LedgerEvent> event(String path, byte[] bytes) {
    try {
      return Optional.of(LedgerEvent.parse(bytes));
    } catch (LedgerFormatException e) {
      faults.add(path + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private void compare(
      String path,
      byte[] bytes,
      LedgerEvent event,
      @Nullable LedgerEvent before,
      @Nullable Digest chained)
      throws IOException {
    String expected =
        Ledger.eventFolder(event.model(), event.environment()) + "/" + event.fileName();
    if (!path.equals(expected)) {
      faults.add(path + ": it says it is " + expected);
    }
    if (!isCanonical(bytes)) {
      faults.add(path + ": it was not written by mlo");
    }
    int sequence = before == null ? 1 : before.sequence() + 1;
    if (event.sequence() != sequence) {
      faults.add("%s: expected #%d, found #%d".formatted(path, sequence, event.sequence()));
    }
    if (!Objects.equals(event.previousEvent(), chained)) {
      faults.add(
          "%s: the chain is broken: it follows %s, but the event before it is %s"
              .formatted(path, said(event.previousEvent()), said(chained)));
    }
    @Nullable Release was = before == null ? null : before.to();
    if (!Objects.equals(event.from(), was)) {
      faults.add(path + ": it starts where the event before it does not end");
    }
  }

  private static boolean isCanonical(byte[] bytes) {
    try {
      return Arrays.equals(bytes, Json.canonical(Json.parse(bytes)));
    } catch (JsonFormatException e) {
      return false;
    }
  }

  private void compareRecord(
      LedgerView view,
      String model,
      String environment,
      @Nullable LedgerEvent last,
      @Nullable Digest digest)
      throws IOException {
    Optional<EnvironmentRecord> record = view.record(model, environment);
    String path = Ledger.recordPath(model, environment);
    if (record.isEmpty()) {
      if (last != null) {
        faults.add(path + " is missing, but there are events");
      }
      return;
    }
    EnvironmentRecord is = record.get();
    boolean follows =
        last != null
            && is.sequence() == last.sequence()
            && is.event().equals(digest)
            && is.current().equals(last.to());
    if (!follows) {
      faults.add(
          "%s: it does not follow from the last event, %s"
              .formatted(path, last == null ? "and there is none" : last.fileName()));
    }
  }

  /// Each commit has one parent and keeps every event file of it as it was.
  private void walkCommits() throws IOException {
    ObjectId at = head;
    while (true) {
      List<ObjectId> parents = repository.parents(at);
      if (parents.isEmpty()) {
        return;
      }
      if (parents.size() > 1) {
        faults.add("commit " + at.abbreviate(12).name() + " is a merge");
      }
      ObjectId parent = parents.getFirst();
      for (String path : repository.changed(parent, at, "events")) {
        faults.add("commit %s changes %s".formatted(at.abbreviate(12).name(), path));
      }
      at = parent;
    }
  }

  private void requireDescends(ObjectId lastSeen) throws IOException {
    if (!repository.has(lastSeen) || !repository.isAncestor(lastSeen, head)) {
      faults.add(
          "the history was rewritten: commit %s, seen before, no longer leads to %s"
              .formatted(lastSeen.abbreviate(12).name(), head.abbreviate(12).name()));
    }
  }

  private static String said(@Nullable Digest digest) {
    return digest == null ? "nothing" : digest.toString();
  }
}
