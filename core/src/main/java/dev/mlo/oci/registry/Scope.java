package dev.mlo.oci.registry;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What we want to do with one repository, as token servers are asked for it:
/// `repository:ml/fraud:pull,push`.
public record Scope(String repository, Set<Action> actions) {
  private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9][a-z0-9._/-]{0,254}");

  /// In the order in which they are written.
  public enum Action {
    PULL,
    PUSH,
    DELETE
  }

  public Scope {
    if (!REPOSITORY.matcher(repository).matches()) {
      throw new IllegalArgumentException("`" + repository + "` is no repository");
    }
    if (actions.isEmpty()) {
      throw new IllegalArgumentException("a scope needs an action");
    }
    actions = Collections.unmodifiableSet(EnumSet.copyOf(actions));
  }

  static Scope pull(String repository) {
    return new Scope(repository, EnumSet.of(Action.PULL));
  }

  static Scope push(String repository) {
    return new Scope(repository, EnumSet.of(Action.PULL, Action.PUSH));
  }

  boolean changes() {
    return actions.contains(Action.PUSH) || actions.contains(Action.DELETE);
  }

  @Override
  public String toString() {
    return "repository:"
        + repository
        + ":"
        + actions.stream()
            .map(action -> action.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
  }
}
