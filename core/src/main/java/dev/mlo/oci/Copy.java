package dev.mlo.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/// Copies an image with everything below it and everything said of it from one place to another,
/// byte for byte: blobs first, several at a time where both places can, then children, then the
/// root, then the referrers with the tags of cosign; names are the caller's to set, last.
public final class Copy {
  /// What a copy did. Sizes are bytes.
  ///
  /// @param bytes of everything the image consists of
  /// @param bytesWritten of blobs and manifests that had to be written
  /// @param blobsReused that were at the target or were linked
  public record Report(
      int manifests, int blobs, int referrers, long bytes, long bytesWritten, int blobsReused) {}

  /// How many at a time a place is asked, which may be far away.
  private static final int QUESTIONS = 4;

  private Copy() {}

  /// @throws NotFoundException when something the image consists of is not at the source
  /// @throws DigestMismatchException when something is there, but damaged
  /// @throws DocumentException when a manifest or an index is malformed
  /// @throws ConflictException when cosign said something else of the image at the target
  public static Report copy(ImageSource source, Descriptor root, ImageTarget target, CopyLog log)
      throws IOException {
    Closure closure = Closure.of(source, root);
    log.planned(closure.blobs().size(), closure.size());
    closure.foreign().forEach(log::left);
    Tally blobs = move(source, closure.blobs(), target, log);
    long written = blobs.written;
    for (Document document : closure.image()) {
      written += target.manifest(document.descriptor(), document.bytes());
    }
    written += target.referrers(closure.referrers());
    for (var tag : closure.tags().entrySet()) {
      target.attach(tag.getKey(), tag.getValue());
    }
    return report(closure, written, blobs.reused);
  }

  /// Copies blobs, and nothing that names them.
  ///
  /// @throws NotFoundException when one is not at the source
  /// @throws DigestMismatchException when one is there, but damaged
  public static void blobs(
      ImageSource source, Collection<Descriptor> blobs, ImageTarget target, CopyLog log)
      throws IOException {
    move(source, blobs, target, log);
  }

  private static Tally move(
      ImageSource source, Collection<Descriptor> blobs, ImageTarget target, CopyLog log)
      throws IOException {
    ImageSource observed = new ObservedSource(source, log);
    Tally tally = new Tally();
    Lanes.each(
        blobs,
        Math.min(source.readers(), target.writers(source)),
        blob -> {
          long bytes = target.blob(blob, observed);
          log.moved(blob, bytes);
          tally.add(bytes);
        });
    return tally;
  }

  /// What several threads did.
  private static final class Tally {
    private long written;
    private int reused;

    synchronized void add(long bytes) {
      written += bytes;
      reused += bytes == 0 ? 1 : 0;
    }
  }

  /// Says of a blob or a document whether a place has it.
  @FunctionalInterface
  public interface Held {
    boolean has(Descriptor descriptor) throws IOException;
  }

  /// What a copy to a place that holds so much would do; nothing is written.
  public static Report plan(ImageSource source, Descriptor root, Held target) throws IOException {
    Closure closure = Closure.of(source, root);
    var all = new ArrayList<>(closure.blobs());
    Stream.of(closure.image(), closure.referrers())
        .flatMap(Collection::stream)
        .forEach(document -> all.add(document.descriptor()));
    Set<Descriptor> missing = new LinkedHashSet<>();
    Lanes.all(all, QUESTIONS, target::has)
        .forEach((content, there) -> {
          if (!there) {
            missing.add(content);
          }
        });
    long reused = closure.blobs().stream().filter(blob -> !missing.contains(blob)).count();
    return report(
        closure, missing.stream().mapToLong(Descriptor::size).sum(), Math.toIntExact(reused));
  }

  /// Reads an image and everything said of it to the last byte: afterwards it is known to be whole.
  public static Report verify(ImageSource source, Descriptor root, CopyLog log) throws IOException {
    Closure closure = Closure.of(source, root);
    log.planned(closure.blobs().size(), closure.size());
    Lanes.each(
        closure.blobs(),
        source.readers(),
        blob -> {
          source.verify(blob);
          log.moved(blob, 0);
        });
    return report(closure, 0, closure.blobs().size());
  }

  private static Report report(Closure closure, long written, int reused) {
    return new Report(
        closure.image().size(),
        closure.blobs().size(),
        closure.referrers().size(),
        closure.size(),
        written,
        reused);
  }
}
