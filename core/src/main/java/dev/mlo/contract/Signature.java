package dev.mlo.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a model takes and gives. Two versions of a model may replace each other only when a client
/// of the one can go on unchanged with the other.
public record Signature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  public Optional<TensorSpec> input(String name) {
    return named(name, inputs);
  }

  public Optional<TensorSpec> output(String name) {
    return named(name, outputs);
  }

  /// Asked for every tensor of every request, where a stream would cost as much as the search.
  private static Optional<TensorSpec> named(String name, List<TensorSpec> specs) {
    for (TensorSpec spec : specs) {
      if (spec.name().equals(name)) {
        return Optional.of(spec);
      }
    }
    return Optional.empty();
  }

  /// Why a client of this signature could not go on with `next`; empty when it can. A new output is
  /// no hindrance; a new input, a lost one, another datatype or a shape that takes less is.
  public List<String> hindrances(Signature next) {
    var found = new ArrayList<String>();
    for (TensorSpec mine : inputs) {
      next.input(mine.name())
          .ifPresentOrElse(
              theirs -> compare("input", mine, theirs, found),
              () -> found.add("input `" + mine.name() + "` is gone"));
    }
    for (TensorSpec theirs : next.inputs) {
      if (input(theirs.name()).isEmpty()) {
        found.add("input `" + theirs.name() + "` is new and would be missing in requests");
      }
    }
    for (TensorSpec mine : outputs) {
      next.output(mine.name())
          .ifPresentOrElse(
              theirs -> compare("output", theirs, mine, found),
              () -> found.add("output `" + mine.name() + "` is gone"));
    }
    return List.copyOf(found);
  }

  /// `narrow` must be acceptable wherever `wide` is declared.
  private static void compare(String kind, TensorSpec narrow, TensorSpec wide, List<String> found) {
    if (narrow.datatype() != wide.datatype()) {
      found.add(
          "%s `%s` has datatypes %s and %s"
              .formatted(kind, narrow.name(), narrow.datatype(), wide.datatype()));
    } else if (!narrow.shape().fits(wide.shape())) {
      found.add(
          "%s `%s` has shapes %s and %s"
              .formatted(kind, narrow.name(), narrow.shape(), wide.shape()));
    }
  }
}
