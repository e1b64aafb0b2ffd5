package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.ListImages;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.oci.Platform;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The images of a project, or of another place.
///
/// @param place that was asked for; `null`: the project's own store
public record ListReport(List<ListImages.Listed> images, @Nullable String place) implements Report {
  public ListReport {
    images = List.copyOf(images);
  }

  /// Of the project's own store.
  public ListReport(List<ListImages.Listed> images) {
    this(images, null);
  }

  @Override
  public void text(Page page) {
    if (images.isEmpty()) {
      page.line("no images yet");
      page.next("mlo build");
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(
        List.of(
            "NAME", "VERSION", "DIGEST", "MODEL", "PLATFORMS", "SIZE", "WRITTEN", "ENVIRONMENTS"));
    for (ListImages.Listed image : images) {
      rows.add(
          List.of(
              image.name(),
              image.version(),
              image.digest().brief(),
              image.damaged() ? page.style().bad("damaged") : model(image.model()),
              image.problem() == null ? platforms(image) : "-",
              image.problem() == null ? Amount.bytes(image.size()) : "-",
              when(image.written()),
              String.join(", ", image.environments())));
    }
    page.table(rows);
    images.stream()
        .filter(image -> image.problem() != null)
        .forEach(image ->
            page.line(page.style().bad("! ") + image.reference() + ": " + image.problem()));
    page.next(
        "mlo inspect "
            + ShellWord.of(
                images.stream()
                    .filter(image -> image.problem() == null)
                    .findFirst()
                    .map(this::asked)
                    .orElse(asked(images.getFirst()))));
  }

  /// Names of a layout are found there only.
  private String asked(ListImages.Listed image) {
    if (place != null && (place.startsWith("tar:") || place.startsWith("env:"))) {
      return place;
    }
    boolean within =
        place != null && place.startsWith("oci:") && !image.reference().startsWith(place);
    return within ? place + ":" + image.reference() : image.reference();
  }

  /// A name in the store need not be the model's own. What an image says of itself must not drive
  /// the terminal it is shown on.
  private static String model(@Nullable ModelCard card) {
    return card == null
        ? "-"
        : "%s %s, %s"
            .formatted(card.name(), card.version(), card.format())
            .replaceAll("\\p{Cntrl}+", " ");
  }

  private static String platforms(ListImages.Listed image) {
    return image.platforms().stream().map(Platform::toString).collect(Collectors.joining(","));
  }

  private static String when(@Nullable Instant written) {
    return written == null
        ? "-"
        : DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
            .format(written.atZone(ZoneId.systemDefault()));
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object();
    ArrayNode list = node.putArray("images");
    for (ListImages.Listed image : images) {
      ObjectNode entry =
          list.addObject()
              .put("name", image.name())
              .put("version", image.version())
              .put("digest", image.digest().toString())
              .put("format", image.model() == null ? "" : image.model().format())
              .put("size", image.size())
              .put("written", image.written() == null ? null : image.written().toString());
      entry.set("model", model(image));
      ArrayNode platforms = entry.putArray("platforms");
      image.platforms().forEach(platform -> platforms.add(platform.toString()));
      ArrayNode environments = entry.putArray("environments");
      image.environments().forEach(environments::add);
      if (image.problem() != null) {
        entry.put("problem", image.problem());
      }
    }
    return node;
  }

  private static @Nullable ObjectNode model(ListImages.Listed image) {
    @Nullable ModelCard card = image.model();
    return card == null
        ? null
        : Json.object()
            .put("name", card.name())
            .put("version", card.version())
            .put("format", card.format())
            .put("digest", card.digest());
  }

  @Override
  public String brief() {
    return images.stream().map(ListImages.Listed::reference).collect(Collectors.joining("\n"));
  }
}
