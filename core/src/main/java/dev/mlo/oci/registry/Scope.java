package dev.mlo.oci.registry;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// What may be done with one repository, as registries grant it: `repository:ml/fraud:pull,push`.
public record Scope(String repository, Set<Action> actions) {
  public enum Action {
    PULL,
    PUSH,
    DELETE
  }

  public Scope {
    if (actions.isEmpty()) {
      throw new IllegalArgumentException("a scope without an action grants nothing");
    }
    actions = Set.copyOf(actions);
  }

  static Scope pull(String repository) {
    return new Scope(repository, Set.of(Action.PULL));
  }

  static Scope push(String repository) {
    return new Scope(repository, Set.of(Action.PULL, Action.PUSH));
  }

  @Override
  public String toString() {
    return "repository:"
        + repository
        + ":"
        + EnumSet.copyOf(actions).stream()
            .map(action -> action.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
  }
}
