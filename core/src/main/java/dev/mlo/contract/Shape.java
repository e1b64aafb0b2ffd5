package dev.mlo.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;

/// The lengths of a tensor's dimensions, outermost first; -1 stands for any length. No dimensions
/// is a scalar.
public record Shape(@JsonValue List<Long> dimensions) {
  /// More than any engine takes, and few enough to multiply without surprise.
  static final int MAX_RANK = 32;

  @JsonCreator
  public Shape {
    dimensions = List.copyOf(dimensions);
    if (dimensions.size() > MAX_RANK) {
      throw new IllegalArgumentException(
          "a shape of " + dimensions.size() + " dimensions is beyond " + MAX_RANK);
    }
    for (long length : dimensions) {
      if (length < -1) {
        throw new IllegalArgumentException("the length " + length + " in a shape is below -1");
      }
    }
  }

  public static Shape of(long... dimensions) {
    var boxed = new ArrayList<Long>(dimensions.length);
    for (long length : dimensions) {
      boxed.add(length);
    }
    return new Shape(boxed);
  }

  public int rank() {
    return dimensions.size();
  }

  public boolean isConcrete() {
    return !dimensions.contains(-1L);
  }

  /// The number of elements of a concrete shape.
  ///
  /// @throws ArithmeticException when it does not fit a long
  public long elements() {
    long product = 1;
    for (long length : dimensions) {
      if (length < 0) {
        throw new ArithmeticException("shape " + this + " has no definite number of elements");
      }
      product = Math.multiplyExact(product, length);
    }
    return product;
  }

  /// Whether a tensor of this concrete shape may stand where `declared` is asked for.
  public boolean fits(Shape declared) {
    if (rank() != declared.rank()) {
      return false;
    }
    for (int i = 0; i < rank(); i++) {
      long wanted = declared.dimensions.get(i);
      if (wanted >= 0 && wanted != dimensions.get(i)) {
        return false;
      }
    }
    return true;
  }

  public long[] toArray() {
    long[] lengths = new long[rank()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = dimensions.get(i);
    }
    return lengths;
  }

  @Override
  public String toString() {
    return dimensions.toString().replace(" ", "");
  }
}
