package dev.mlo.oci.registry;

import dev.mlo.oci.Attachments;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DigestTag;
import dev.mlo.oci.Document;
import dev.mlo.oci.Documents;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.ImageTarget;
import dev.mlo.oci.Lanes;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.VerifiedStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One repository of one registry. What is read is computed, never believed: the digest of a
/// document is that of its bytes, whatever a header says.
public final class RegistryStore implements ImageSource, ImageTarget {
  /// Enough to fill a line although each request waits for its answer; as many as other tools use.
  private static final int LANES = 4;

  private final Conversation conversation;
  private final String repository;
  private final @Nullable Path uploads;

  private final Seen seen = new Seen();

  /// Once the registry said that it has no referrers API, it is not asked again.
  private volatile boolean withoutReferrers;

  private final RegistryDocuments documents;

  /// @param uploads where to note down unfinished uploads; `null`: nowhere
  RegistryStore(Conversation conversation, String repository, @Nullable Path uploads) {
    this.conversation = conversation;
    this.repository = repository;
    this.uploads = uploads;
    this.documents = new RegistryDocuments(this, conversation, seen);
  }

  @Override
  public String describe() {
    return conversation.address().name() + "/" + repository;
  }

  Scope pull() {
    return Scope.pull(repository);
  }

  private Scope push() {
    return Scope.push(repository);
  }

  URI manifests(String reference) {
    return conversation.uri(repository + "/manifests/" + reference);
  }

  private URI blobs(Digest digest) {
    return conversation.uri(repository + "/blobs/" + digest);
  }

  String named(String reference) {
    return describe() + (Digest.isDigest(reference) ? "@" : ":") + reference;
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    return find(reference)
        .orElseThrow(() ->
            new NotFoundException(
                "`%s` does not exist: %s knows nothing of it, asked as %s"
                    .formatted(
                        named(reference), conversation.address().name(), conversation.account())));
  }

  /// What a tag or a digest points at, if it is there.
  public Optional<Descriptor> find(String reference) throws IOException {
    return read(reference).map(RegistryDocuments.Tagged::descriptor);
  }

  @Override
  public void again(Descriptor descriptor, int attempt, DigestMismatchException failure)
      throws IOException {
    conversation.pause(attempt, failure);
  }

  Optional<RegistryDocuments.Tagged> read(String reference) throws IOException {
    return documents.find(reference);
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return documents.bytes(descriptor);
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    return new VerifiedStream(open(descriptor), descriptor, describe());
  }

  private InputStream open(Descriptor descriptor) throws IOException {
    return Download.open(conversation, asking(descriptor), descriptor, reading(descriptor));
  }

  private Request asking(Descriptor descriptor) {
    return Request.of("GET", blobs(descriptor.digest()), pull())
        .with("Accept-Encoding", "identity");
  }

  String reading(Descriptor descriptor) {
    return "read " + named(descriptor.digest().toString());
  }

  @Override
  public Optional<InputStream> rest(Descriptor descriptor, long offset) throws IOException {
    return offset == 0
        ? Optional.of(open(descriptor))
        : Download.openAt(
            offset, conversation, asking(descriptor), descriptor, reading(descriptor));
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) {
    return Optional.empty();
  }

  @Override
  public void verify(Descriptor descriptor) throws IOException {
    if (RegistryDocuments.isDocument(descriptor)) {
      documents.readAgain(descriptor);
    } else {
      documents.whole(() -> {
        ImageSource.super.verify(descriptor);
        return descriptor;
      });
    }
  }

  @Override
  public int readers() {
    return LANES;
  }

  @Override
  public int writers(ImageSource source) {
    return LANES;
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    return new ReferrersOf(this, subject).list();
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    if (seen.contains(descriptor)) {
      return true;
    }
    boolean there = look(descriptor);
    if (there) {
      seen.add(descriptor);
    }
    return there;
  }

  /// A registry that sends us elsewhere for a blob has it; the address elsewhere is signed for
  /// reading and must not be asked. One that may not say (403 of Artifactory) counts as one that
  /// has not: writing shows.
  private boolean look(Descriptor descriptor) throws IOException {
    boolean document = RegistryDocuments.isDocument(descriptor);
    URI uri = document ? manifests(descriptor.digest().toString()) : blobs(descriptor.digest());
    String doing = "look for " + named(descriptor.digest().toString());
    Request request =
        Request.of("HEAD", uri, push()).with("Accept", document ? RegistryDocuments.ACCEPT : "*/*");
    try (Reply reply = conversation.send(request, doing)) {
      if (reply.isPassing() || reply.status() == 401) {
        throw conversation.refusal(reply, doing);
      }
      if (reply.isRedirect()) {
        return !document;
      }
      long length = reply.headers().firstValueAsLong("Content-Length").orElse(descriptor.size());
      return reply.isSuccess() && (length == descriptor.size() || length == 0);
    }
  }

  @Override
  public long blob(Descriptor descriptor, ImageSource source) throws IOException {
    if (has(descriptor)) {
      return 0;
    }
    String doing = "push to " + describe();
    Optional<URI> opened = Optional.empty();
    if (source.place() instanceof RegistryStore other
        && other.conversation.address().equals(conversation.address())) {
      Mount mount = new Mount(conversation, repository, other.repository, descriptor);
      switch (mount.ask(doing)) {
        case Mount.Answer.Mounted _ -> {
          seen.add(descriptor);
          return 0;
        }
        case Mount.Answer.Opened upload -> opened = Optional.of(upload.location());
        case Mount.Answer.Refused _ -> {}
      }
    }
    BlobUpload upload =
        new BlobUpload(conversation, repository, descriptor, source, () -> look(descriptor), doing);
    upload.send(opened, uploads);
    seen.add(descriptor);
    return descriptor.size();
  }

  @Override
  public long manifest(Descriptor descriptor, byte[] bytes) throws IOException {
    Documents.check(descriptor, bytes);
    if (has(descriptor)) {
      return 0;
    }
    put(descriptor.digest().toString(), descriptor, bytes).close();
    seen.add(descriptor);
    return bytes.length;
  }

  /// @return the answer, a success
  private Reply put(String reference, Descriptor descriptor, byte[] bytes) throws IOException {
    return conversation.demand(
        putting(reference, descriptor, bytes), "push to " + named(reference));
  }

  Request putting(String reference, Descriptor descriptor, byte[] bytes) {
    return Request.of("PUT", manifests(reference), push())
        .with("Content-Type", descriptor.mediaType())
        .with(Content.of(bytes));
  }

  /// What is asked is asked several times at once, and each list of referrers is changed once:
  /// every answer of a registry far away takes its time.
  @Override
  public long referrers(Collection<Document> artifacts) throws IOException {
    for (Document artifact : artifacts) {
      Documents.check(artifact.descriptor(), artifact.bytes());
    }
    long written = 0;
    var there = new HashSet<Digest>();
    var speaking = new LinkedHashMap<Digest, List<Document>>();
    for (var asked :
        Lanes.all(artifacts, LANES, artifact -> has(artifact.descriptor())).entrySet()) {
      Document artifact = asked.getKey();
      Descriptor descriptor = artifact.descriptor();
      if (asked.getValue()) {
        there.add(descriptor.digest());
      } else {
        written += artifact.bytes().length;
      }
      Optional<Digest> subject = Documents.subject(descriptor, artifact.bytes());
      if (subject.isPresent()) {
        speaking.computeIfAbsent(subject.get(), _ -> new ArrayList<>()).add(artifact);
      } else {
        manifest(descriptor, artifact.bytes());
      }
    }
    for (var spoken : speaking.entrySet()) {
      new ReferrersOf(this, spoken.getKey()).put(spoken.getValue(), there);
    }
    return written;
  }

  /// @return whether the registry says that it lists it as speaking of the subject
  boolean putSpeaking(Document artifact, Digest subject) throws IOException {
    Descriptor descriptor = artifact.descriptor();
    try (Reply reply = put(descriptor.digest().toString(), descriptor, artifact.bytes())) {
      seen.add(descriptor);
      return reply.header("OCI-Subject").filter(subject.toString()::equals).isPresent();
    }
  }

  /// The answer of the referrers API.
  Reply askReferrers(URI uri) throws IOException {
    return conversation.send(
        Request.of("GET", uri, pull()).with("Accept", MediaTypes.INDEX),
        "list what is said in " + describe());
  }

  boolean isWithoutReferrers() {
    return withoutReferrers;
  }

  void setWithoutReferrers() {
    withoutReferrers = true;
  }

  URI referrersUri(Digest subject) {
    return conversation.uri(repository + "/referrers/" + subject);
  }

  /// Writes an index under a tag.
  ///
  /// @param expected what must stand there now; when something else does, nothing is written
  void putIndex(String tag, byte[] bytes, Optional<String> expected) throws IOException {
    Request request = putting(tag, Descriptor.of(MediaTypes.INDEX, bytes), bytes);
    if (expected.isPresent()) {
      request = request.with("If-Match", expected.get());
    }
    String doing = "push to " + named(tag);
    try (Reply reply = conversation.send(request, doing)) {
      if (!reply.isSuccess() && reply.status() != 412) {
        throw conversation.refusal(reply, doing);
      }
    }
  }

  /// A tag that we may not read counts as one that is not there: the manifest itself was read.
  @Override
  public Map<String, Descriptor> attached(Digest subject) throws IOException {
    var found = new LinkedHashMap<String, Descriptor>();
    Lanes.all(DigestTag.cosign(subject), LANES, this::readable)
        .forEach((tag, answer) ->
            answer
                .filter(artifact -> MediaTypes.isManifest(artifact.mediaType()))
                .ifPresent(artifact -> found.put(tag, artifact)));
    return found;
  }

  private Optional<Descriptor> readable(String tag) throws IOException {
    try {
      return find(tag);
    } catch (NotFoundException | DeniedException e) {
      return Optional.empty();
    }
  }

  @Override
  public void attach(String tag, Descriptor artifact) throws IOException {
    Optional<Descriptor> before = find(tag);
    if (before.isEmpty()
        || (!before.get().digest().equals(artifact.digest())
            && Attachments.isNewer(tag, this, artifact, before.get()))) {
      tag(tag, artifact);
    }
  }

  @Override
  public void tag(String name, Descriptor descriptor) throws IOException {
    new Tagging(conversation, this, name, descriptor).run();
  }

  /// What this registry lets us do here, found out by beginning an upload and taking it back.
  ///
  /// @throws dev.mlo.oci.UnavailableException when it cannot be reached
  /// @throws DeniedException when it does not accept our account
  public RegistryAccess access() throws IOException {
    return new AccessProbe(conversation, repository).access();
  }

  /// All tags, as the registry sorts them.
  public List<String> tags() throws IOException {
    return new TagList(this).read();
  }

  /// One page of the tags.
  Reply askTags(URI page) throws IOException {
    return conversation.demand(Request.of("GET", page, pull()), "list " + describe());
  }

  URI tagsUri() {
    return conversation.uri(repository + "/tags/list?n=1000");
  }
}
