package dev.mlo.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import dev.mlo.contract.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Dimensions that inputs have in common, by the name the model gives them.
///
/// The engine does not look at the names, and many a model bears lengths that differ. Where one
/// fails on them, the request was wrong and not the model.
///
/// @param places by name, where there is more than one
record NamedDimensions(Map<String, List<Place>> places) {
  record Place(String input, int axis) {}

  static NamedDimensions of(Collection<NodeInfo> inputs) {
    var places = new LinkedHashMap<String, List<Place>>();
    for (NodeInfo input : inputs) {
      if (input.getInfo() instanceof TensorInfo tensor) {
        String[] names = tensor.getDimensionNames();
        for (int axis = 0; axis < names.length; axis++) {
          if (!names[axis].isEmpty()) {
            places
                .computeIfAbsent(names[axis], name -> new ArrayList<>())
                .add(new Place(input.getName(), axis));
          }
        }
      }
    }
    places.values().removeIf(one -> one.size() < 2);
    return new NamedDimensions(places);
  }

  /// The first two that differ, in a sentence.
  Optional<String> difference(List<Tensor> tensors) {
    var byName = new HashMap<String, Tensor>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    for (List<Place> shared : places.values()) {
      Place first = shared.getFirst();
      for (Place other : shared) {
        long expected = length(byName, first);
        long given = length(byName, other);
        if (given != expected) {
          return Optional.of(
              "input `%s` has the length %d where input `%s` has %d, which are one to the model"
                  .formatted(other.input, given, first.input, expected));
        }
      }
    }
    return Optional.empty();
  }

  private static long length(Map<String, Tensor> tensors, Place place) {
    Tensor tensor = tensors.get(place.input);
    List<Long> lengths = tensor == null ? List.of() : tensor.shape().dimensions();
    return place.axis < lengths.size() ? lengths.get(place.axis) : -1;
  }
}
