package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trap 12 of our field notes: lists come in pages, and each names the next one in its own way.
class PageTrapsTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store(String repository) throws IOException {
    return shelf.store(registry, repository);
  }

  @Test
  void trap12ListsThatComeInPagesAreReadToTheirEndOnce() throws IOException {
    registry.once(
        "GET",
        "tags/list",
        status(200, "{\"tags\":[\"1\",\"2\"]}", "Link", "</v2/a/tags/list?last=2>; rel=\"next\""));
    registry.always(
        "GET",
        "tags/list?last=2",
        status(200, "{\"tags\":[\"3\"]}", "Link", "</v2/a/tags/list?last=2>; rel=\"next\""));
    assertThat(store("a").tags()).containsExactly("1", "2", "3");
    // The page that the second one names was read: it is the second one.
    assertThat(registry.count("GET /v2/a/tags/list?last=2")).isEqualTo(1);
    assertThat(registry.count("GET /v2/a/tags/list")).isEqualTo(2);
  }

  @Test
  void trap12TheNextPageMayBeNamedInEveryWay() throws IOException {
    String list = "/v2/a/tags/list";
    for (String link :
        List.of(
            list + "?last=b",
            "?last=b",
            "list?last=b",
            "http://" + registry.host() + list + "?last=b")) {
      registry.requests.clear();
      registry.faults.clear();
      registry.always("GET", "last=b", status(200, "{\"tags\":[\"c\"]}"));
      registry.always(
          "GET",
          "tags/list",
          status(200, "{\"tags\":[\"b\"]}", "Link", "<%s>; rel=\"next\"".formatted(link)));
      assertThat(store("a").tags()).as(link).containsExactly("b", "c");
      assertThat(registry.requests).as(link).last().isEqualTo("GET " + list + "?last=b");
    }
  }

  @Test
  void trap12APageElsewhereIsNotAskedFor() throws IOException {
    try (FakeRegistry elsewhere = new FakeRegistry()) {
      String link = "<%s>; rel=\"next\"".formatted(elsewhere.uri("/v2/a/tags/list?last=2"));
      registry.always("GET", "tags/list", status(200, "{\"tags\":[\"1\"]}", "Link", link));
      assertThat(store("a").tags()).containsExactly("1");
      assertThat(elsewhere.requests).isEmpty();
    }
  }

  /// Each page is named by the one before it, not by the first one over and over.
  @Test
  void trap12WhatIsSaidOfAnImageComesInPagesToo() throws IOException {
    var said = new ArrayList<Descriptor>();
    Descriptor image = shelf.image(shelf.layer("weights"));
    shelf.push(image, store("ml/iris"), "1.0.0");
    for (String text : List.of("tested", "signed", "listed")) {
      Descriptor one = shelf.said(image, text);
      registry.manifests.put(one.digest().toString(), shelf.layout.manifest(one));
      registry.types.put(one.digest().toString(), MediaTypes.MANIFEST);
      said.add(one);
    }
    registry.always(
        "GET",
        "/referrers/",
        exchange -> {
          String query = Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), "page=0");
          int page = Integer.parseInt(query.replace("page=", ""));
          byte[] index =
              new Index(MediaTypes.INDEX, List.of(said.get(page).bare()), Map.of()).write();
          String next = "<?page=%d>; rel=\"next\"".formatted((page + 1) % said.size());
          return status(
                  200, new String(index, UTF_8), "Content-Type", MediaTypes.INDEX, "Link", next)
              .answers(exchange);
        });
    registry.requests.clear();
    assertThat(store("ml/iris").referrers(image.digest()))
        .extracting(Descriptor::digest)
        .containsExactlyElementsOf(said.stream().map(Descriptor::digest).toList());
    // The last page names the first one, which has no query of its own.
    assertThat(registry.count("GET /v2/ml/iris/referrers/")).isEqualTo(4);
  }
}
