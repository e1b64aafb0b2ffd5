package dev.mlo.contract;

/// One input or output as a model declares it.
public record TensorSpec(String name, DataType datatype, Shape shape) {
  public TensorSpec {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an input or output has no name");
    }
  }

  @Override
  public String toString() {
    return name + " " + datatype + shape;
  }
}
