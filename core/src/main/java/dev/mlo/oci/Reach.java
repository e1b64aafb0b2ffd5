package dev.mlo.oci;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the entries of a layout lead to: images by their names, entries nobody can name, and what
/// is said of any of these. A statement about something that is gone leads nowhere.
final class Reach {
  private final Blobs blobs;
  private final Set<Digest> digests = new HashSet<>();

  /// Statements whose subject nothing leads to.
  private final List<Descriptor> forsaken = new ArrayList<>();

  private Reach(Blobs blobs) {
    this.blobs = blobs;
  }

  /// @param young statements written after this stay: their image may be on its way
  /// @throws OciException when a document that a name leads to is damaged: what it leads to is then
  ///   unknown
  static Reach of(LayoutIndex index, Blobs blobs, Instant young) throws IOException {
    Reach reach = new Reach(blobs);
    List<Descriptor> statements = new ArrayList<>();
    for (Descriptor entry : index.all()) {
      if (!entry.annotations().containsKey(Descriptor.REF_NAME)
          && reach.subject(entry).isPresent()) {
        statements.add(entry);
      } else {
        reach.follow(entry);
      }
    }
    reach.statements(statements, young);
    return reach;
  }

  /// Statements may be about statements, in any order.
  private void statements(List<Descriptor> all, Instant young) throws IOException {
    List<Descriptor> left = all;
    boolean found = true;
    while (found) {
      found = false;
      List<Descriptor> waiting = new ArrayList<>();
      for (Descriptor statement : left) {
        if (subject(statement).filter(digests::contains).isPresent()) {
          follow(statement);
          found = true;
        } else {
          waiting.add(statement);
        }
      }
      left = waiting;
    }
    for (Descriptor statement : left) {
      if (blobs.files().isYounger(statement.digest(), young)) {
        follow(statement);
      } else {
        forsaken.add(statement);
      }
    }
  }

  private Optional<Digest> subject(Descriptor entry) throws IOException {
    return isDocument(entry) && blobs.has(entry)
        ? Referrers.subject(entry, blobs.read(entry))
        : Optional.empty();
  }

  private static boolean isDocument(Descriptor entry) {
    return MediaTypes.isManifest(entry.mediaType()) || MediaTypes.isIndex(entry.mediaType());
  }

  /// Adds a document and all below it. Images for other platforms may be missing from an index.
  private void follow(Descriptor root) throws IOException {
    Deque<Descriptor> left = new ArrayDeque<>(List.of(root));
    while (!left.isEmpty()) {
      Descriptor next = left.remove();
      if (digests.add(next.digest()) && isDocument(next) && blobs.has(next)) {
        left.addAll(below(next));
      }
    }
  }

  private List<Descriptor> below(Descriptor document) throws IOException {
    byte[] bytes = blobs.read(document);
    if (MediaTypes.isIndex(document.mediaType())) {
      return Index.parse(bytes).manifests();
    }
    Manifest manifest = Manifest.parse(bytes);
    var below = new ArrayList<>(manifest.layers());
    below.add(manifest.config());
    return below;
  }

  /// The first blob that an image in the layout needs and that is not there.
  static Optional<Descriptor> missing(Descriptor root, Blobs blobs) throws IOException {
    Reach reach = new Reach(blobs);
    Deque<Descriptor> left = new ArrayDeque<>(List.of(root));
    while (!left.isEmpty()) {
      Descriptor next = left.remove();
      if (!reach.digests.add(next.digest())) {
        continue;
      }
      boolean document = isDocument(next);
      boolean optional = document ? !next.equals(root) : MediaTypes.isForeign(next.mediaType());
      if (!blobs.has(next) && !optional) {
        return Optional.of(next);
      }
      if (document && blobs.has(next)) {
        left.addAll(reach.below(next));
      }
    }
    return Optional.empty();
  }

  Set<Digest> digests() {
    return digests;
  }

  List<Descriptor> forsaken() {
    return forsaken;
  }
}
