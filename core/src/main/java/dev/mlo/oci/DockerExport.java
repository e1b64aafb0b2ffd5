package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/// The files of an export, by name. Engines before 25 write a layer that an image has twice as a
/// link to the first one; no other link is followed.
record DockerExport(
    TarFile tar, String place, Map<String, TarArchiveEntry> files, Map<String, String> links) {
  private static final Pattern LAYER_LINK = Pattern.compile("\\.\\./([0-9a-f]{64}/layer\\.tar)");
  private static final Pattern BLOB =
      Pattern.compile("blobs/(sha256|sha512)/([0-9a-f]{64}|[0-9a-f]{128})");
  private static final int MAX_ENTRIES = 100_000;

  static DockerExport of(TarFile tar, String place) throws DocumentException {
    if (tar.getEntries().size() > MAX_ENTRIES) {
      throw new DocumentException(place + " exports more than " + MAX_ENTRIES + " files");
    }
    var files = new HashMap<String, TarArchiveEntry>();
    var links = new HashMap<String, String>();
    for (TarArchiveEntry entry : tar.getEntries()) {
      Matcher link = LAYER_LINK.matcher(entry.getLinkName());
      if (entry.isSymbolicLink() && link.matches()) {
        links.put(entry.getName(), link.group(1));
      } else if (isPlain(entry)) {
        files.put(entry.getName(), entry);
      }
    }
    return new DockerExport(tar, place, files, links);
  }

  /// The library's own `isFile` is true for links too.
  private static boolean isPlain(TarArchiveEntry entry) {
    return entry.isFile() && !entry.isSparse() && !entry.isLink() && !entry.isSymbolicLink();
  }

  boolean has(String name) {
    return files.containsKey(name);
  }

  /// Everything that is named by its digest.
  List<Digest> blobs() {
    var blobs = new ArrayList<Digest>();
    for (String name : files.keySet()) {
      Matcher blob = BLOB.matcher(name);
      if (blob.matches() && Digest.isDigest(blob.group(1) + ":" + blob.group(2))) {
        blobs.add(new Digest(blob.group(1), blob.group(2)));
      }
    }
    return blobs;
  }

  long size(String name) throws DocumentException {
    return entry(name).getSize();
  }

  InputStream open(String name) throws IOException {
    return tar.getInputStream(entry(name));
  }

  /// A document, read into memory.
  byte[] small(String name) throws IOException {
    if (size(name) > Documents.MAX_SIZE) {
      throw new DocumentException("%s: `%s` is too large".formatted(place, name));
    }
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    }
  }

  private TarArchiveEntry entry(String name) throws DocumentException {
    @Nullable TarArchiveEntry entry = files.get(links.getOrDefault(name, name));
    if (entry == null) {
      throw new DocumentException("the export of %s has no `%s`".formatted(place, name));
    }
    return entry;
  }
}
