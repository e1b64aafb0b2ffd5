package dev.mlo.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Predicate;

/// What the messages of the Open Inference Protocol say of a tensor, over REST and over gRPC, made
/// into values that cannot be wrong.
public final class RequestFields {
  /// Parameters of extensions that are not spoken here and that change what is asked or answered;
  /// to leave them out would be to answer another question.
  private static final List<String> UNSPOKEN = List.of("classification", "shared_memory_region");

  /// Of the sequence extension; what is asked depends on what was asked before.
  private static final List<String> SEQUENCE =
      List.of("sequence_id", "sequence_start", "sequence_end");

  private RequestFields() {}

  /// @param field what the message calls the tensor: `inputs[0]`
  public static DataType datatype(String field, String name) throws MalformedException {
    try {
      return DataType.parse(name);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("`" + field + ".datatype`: " + e.getMessage());
    }
  }

  /// A concrete shape whose number of elements fits a long.
  public static Shape shape(String field, List<Long> lengths) throws MalformedException {
    for (long length : lengths) {
      if (length < 0) {
        throw new MalformedException("`%s.shape` holds the length %d".formatted(field, length));
      }
    }
    if (lengths.size() > Shape.MAX_RANK) {
      throw new MalformedException(
          "`%s.shape` has more than %d dimensions".formatted(field, Shape.MAX_RANK));
    }
    Shape shape = new Shape(lengths);
    try {
      shape.elements();
    } catch (ArithmeticException e) {
      throw new MalformedException("`" + field + ".shape` " + shape + " is too large");
    }
    return shape;
  }

  /// @param parameters of an input or output; `null` is as good as none
  static void checkObject(String field, JsonNode parameters) throws MalformedException {
    if (!parameters.isObject() && !parameters.isNull() && !parameters.isMissingNode()) {
      throw new MalformedException("`" + field + "` is no object");
    }
  }

  /// @param has whether an input or output has a parameter of this name
  public static void refuseUnspoken(String field, Predicate<String> has) throws MalformedException {
    for (String name : UNSPOKEN) {
      if (has.test(name)) {
        throw new MalformedException(
            "`%s.parameters.%s` is of an extension that is not spoken here".formatted(field, name));
      }
    }
  }

  /// A model here remembers nothing, and would answer each request of a sequence as if it were the
  /// first.
  ///
  /// @param says whether a parameter of the request is there and is not 0, empty or false, which
  ///   mean that the request belongs to no sequence
  public static void refuseSequence(Predicate<String> says) throws MalformedException {
    for (String name : SEQUENCE) {
      if (says.test(name)) {
        throw new MalformedException(
            "`parameters.%s` asks for a sequence; nothing is remembered here from one request to"
                    .formatted(name)
                + " the next");
      }
    }
  }
}
