package dev.mlo.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a layer of an image that `mlo` made is there for. The manifest says it in annotations of
/// its layers. Tools that write a manifest of their own drop these (a Docker Engine that pushes, a
/// copy that compresses, a conversion to Docker's format); the history in the configuration stays,
/// so it says the same.
///
/// @param role one of the roles in [Labels]; empty when nobody says
/// @param format the model format of an engine's layer; empty for others
public record LayerRole(String role, String format) {
  private static final Pattern ENGINE = Pattern.compile("mlo: engine ([a-z0-9-]+)");

  /// @param annotations of each layer, lowest first
  /// @param history how each layer came to be, lowest first
  /// @return for each layer what it is there for
  public static List<LayerRole> of(List<Map<String, String>> annotations, List<String> history) {
    boolean told = annotations.stream().anyMatch(layer -> layer.containsKey(Labels.LAYER_ROLE));
    if (!told
        && history.size() == annotations.size()
        && history.stream().anyMatch(ENGINE.asMatchPredicate())) {
      return of(history);
    }
    return annotations.stream()
        .map(layer ->
            new LayerRole(
                layer.getOrDefault(Labels.LAYER_ROLE, ""),
                layer.getOrDefault(Labels.LAYER_FORMAT, "")))
        .toList();
  }

  /// What comes after the engine is the model's, whatever its files are called.
  ///
  /// @param history of an image that holds a model
  public static List<LayerRole> of(List<String> history) {
    var roles = new ArrayList<LayerRole>();
    boolean model = false;
    for (String line : history) {
      Matcher engine = ENGINE.matcher(line);
      if (!model && engine.matches()) {
        model = true;
        roles.add(new LayerRole(Labels.ROLE_BACKEND, engine.group(1)));
      } else {
        roles.add(new LayerRole(model ? Labels.ROLE_MODEL : lower(line), ""));
      }
    }
    return List.copyOf(roles);
  }

  private static String lower(String line) {
    return switch (line) {
      case "mlo: Java" -> Labels.ROLE_JRE;
      case "mlo: runner" -> Labels.ROLE_RUNNER;
      default -> Labels.ROLE_BASE;
    };
  }
}
