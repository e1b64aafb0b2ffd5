package dev.mlo.oci.registry;

import dev.mlo.oci.DocumentException;
import dev.mlo.oci.Documents;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tags of a repository, which come in pages (distribution specification, "Listing Tags").
record TagList(RegistryStore store) {
  private static final int MAX_PAGES = 1_000;
  private static final int MAX_TAGS = 100_000;

  /// A page that was read already ends the list: a registry may send us in circles.
  List<String> read() throws IOException {
    Set<String> tags = new LinkedHashSet<>();
    Set<URI> asked = new HashSet<>();
    @Nullable URI page = store.tagsUri();
    while (page != null && asked.add(page) && asked.size() <= MAX_PAGES) {
      try (Reply reply = store.askTags(page)) {
        byte[] bytes = RegistryDocuments.document(reply, "list " + store.describe());
        Documents.parse(store.describe() + "/tags/list", bytes)
            .path("tags")
            .forEach(tag -> tags.add(tag.asText()));
        page = Link.next(reply).orElse(null);
      }
      if (tags.size() > MAX_TAGS) {
        throw new DocumentException(
            "%s has more than %d tags".formatted(store.describe(), MAX_TAGS));
      }
    }
    return List.copyOf(tags);
  }
}
