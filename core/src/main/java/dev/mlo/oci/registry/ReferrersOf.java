package dev.mlo.oci.registry;

import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestTag;
import dev.mlo.oci.Document;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.Documents;
import dev.mlo.oci.Index;
import dev.mlo.oci.Lanes;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The artifacts that speak of one manifest: from the referrers API, or where a registry has none,
/// from the index under the fallback tag (distribution specification, "Referrers Tag Schema"). Only
/// what an artifact itself says counts.
final class ReferrersOf {
  private static final int MAX = 4_096;
  private static final int ROUNDS = 5;

  private final RegistryStore store;
  private final Digest subject;

  ReferrersOf(RegistryStore store, Digest subject) {
    this.store = store;
    this.subject = subject;
  }

  List<Descriptor> list() throws IOException {
    Optional<List<Descriptor>> told = api();
    List<Descriptor> candidates = told.isPresent() ? told.get() : fallback();
    List<Descriptor> others =
        candidates.stream().filter(candidate -> !candidate.digest().equals(subject)).toList();
    var found = new LinkedHashMap<Digest, Descriptor>();
    Lanes.all(others, store.readers(), this::validated).values().stream()
        .flatMap(Optional::stream)
        .forEach(valid -> found.putIfAbsent(valid.digest(), valid));
    return List.copyOf(found.values());
  }

  /// Writes artifacts that speak of the subject, and sees to it that they are listed.
  ///
  /// @param there what the registry has of them, and perhaps lists
  void put(List<Document> artifacts, Set<Digest> there) throws IOException {
    Set<Digest> known =
        artifacts.stream().anyMatch(artifact -> there.contains(artifact.descriptor().digest()))
            ? listed()
            : Set.of();
    List<Document> missing =
        artifacts.stream()
            .filter(artifact -> {
              Digest digest = artifact.descriptor().digest();
              return !there.contains(digest) || !known.contains(digest);
            })
            .toList();
    var untold = new ArrayList<Descriptor>();
    for (var sent :
        Lanes.all(missing, store.readers(), artifact -> store.putSpeaking(artifact, subject))
            .entrySet()) {
      if (!sent.getValue()) {
        Document artifact = sent.getKey();
        untold.add(Documents.referrer(artifact.descriptor(), artifact.bytes()));
      }
    }
    add(untold);
  }

  /// What a list names, whether it is there or not.
  private Set<Digest> listed() throws IOException {
    Optional<List<Descriptor>> told = api();
    return digests(told.isPresent() ? told.get() : fallback());
  }

  private static Set<Digest> digests(List<Descriptor> listed) {
    return listed.stream().map(Descriptor::digest).collect(Collectors.toSet());
  }

  /// An entry that is gone, or speaks of something else, is none of ours.
  private Optional<Descriptor> validated(Descriptor candidate) throws IOException {
    boolean document =
        MediaTypes.isManifest(candidate.mediaType()) || MediaTypes.isIndex(candidate.mediaType());
    if (!document) {
      return Optional.empty();
    }
    try {
      byte[] bytes = store.manifest(candidate);
      return Documents.subject(candidate, bytes).filter(subject::equals).isPresent()
          ? Optional.of(Documents.referrer(candidate, bytes))
          : Optional.empty();
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  /// @return empty when the registry has no such API: some answer 404, some send us to a web site
  private Optional<List<Descriptor>> api() throws IOException {
    if (store.isWithoutReferrers()) {
      return Optional.empty();
    }
    var found = new ArrayList<Descriptor>();
    var asked = new HashSet<URI>();
    @Nullable URI page = store.referrersUri(subject);
    while (page != null && asked.add(page)) {
      try (Reply reply = store.askReferrers(page)) {
        boolean index = reply.status() == 200 && reply.type().contains("json");
        if (!index) {
          // Neither a repository that is not there yet nor a lost page says it of the registry.
          boolean first = asked.size() == 1;
          if (first && reply.status() == 404 && !reply.words().code().equals("NAME_UNKNOWN")) {
            store.setWithoutReferrers();
          }
          return Optional.empty();
        }
        byte[] bytes = reply.bytes(Documents.MAX_SIZE);
        if (bytes.length > Documents.MAX_SIZE) {
          throw new DocumentException("the list of what is said of " + subject + " is too long");
        }
        found.addAll(Index.parse(bytes).manifests());
        page = Link.next(reply).orElse(null);
      }
      bounded(found);
    }
    return Optional.of(found);
  }

  private void bounded(List<Descriptor> found) throws DocumentException {
    if (found.size() > MAX) {
      throw new DocumentException("more than %d artifacts speak of %s".formatted(MAX, subject));
    }
  }

  /// What stands under the fallback tag.
  ///
  /// @param version what the registry calls this state of it, if it does
  private record Fallback(Index index, Optional<String> version) {}

  private List<Descriptor> fallback() throws IOException {
    return read().index().manifests();
  }

  private Fallback read() throws IOException {
    Optional<RegistryDocuments.Tagged> tagged = store.read(DigestTag.referrers(subject));
    if (tagged.isEmpty()
        || tagged.get().descriptor().digest().equals(subject)
        || !MediaTypes.isIndex(tagged.get().descriptor().mediaType())) {
      return new Fallback(new Index(MediaTypes.INDEX, List.of(), Map.of()), Optional.empty());
    }
    Index index = Index.parse(store.manifest(tagged.get().descriptor()));
    bounded(index.manifests());
    return new Fallback(index, tagged.get().version());
  }

  /// Adds artifacts that were written to a registry that did not say that it listed them. Few
  /// registries compare and set, so what was written is read again, and written again when somebody
  /// else was faster.
  private void add(List<Descriptor> referrers) throws IOException {
    if (referrers.isEmpty() || api().isPresent()) {
      return;
    }
    for (int round = 0; round < ROUNDS; round++) {
      Fallback before = read();
      Set<Digest> known = digests(before.index().manifests());
      var all = new ArrayList<>(before.index().manifests());
      referrers.stream().filter(referrer -> !known.contains(referrer.digest())).forEach(all::add);
      if (all.size() == before.index().manifests().size()) {
        return;
      }
      Index index = new Index(MediaTypes.INDEX, all, before.index().annotations());
      store.putIndex(DigestTag.referrers(subject), index.write(), before.version());
    }
    Set<Digest> known = listed();
    for (Descriptor referrer : referrers) {
      if (!known.contains(referrer.digest())) {
        throw new ConflictException(
            "%s could not be listed as speaking of %s: others change the list at the same time"
                .formatted(referrer.digest(), subject));
      }
    }
  }
}
