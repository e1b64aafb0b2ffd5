package dev.mlo.backend.pmml;

import java.util.HashMap;
import java.util.Set;
import org.pmml4s.data.BoolVal;
import org.pmml4s.data.DataVal;
import org.pmml4s.data.NullVal$;
import org.pmml4s.transformations.BuiltInFunctions;
import org.pmml4s.transformations.BuiltInFunctions$;
import org.pmml4s.transformations.Function;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/// A function of the standard that heeds what is missing.
///
/// "Unless otherwise specified, a function will return a missing result if any of the inputs are
/// missing" (PMML 4.4). The engine takes such a comparison for false, such a condition for one that
/// does not hold, and such a text for an empty one.
record MissingAware(Function function) implements Function {
  /// They ask whether something is missing, or leave out what is.
  private static final Set<String> OTHERWISE_SPECIFIED =
      Set.of(
          "isMissing",
          "isNotMissing",
          "isValid",
          "isNotValid",
          "min",
          "max",
          "sum",
          "avg",
          "median",
          "product");

  /// Puts them in the place of the engine's own, for all documents it reads from now on. Done again
  /// it changes nothing.
  static synchronized void settle() {
    var functions = new HashMap<>(CollectionConverters.asJava(BuiltInFunctions.functions()));
    functions.put(Rounding.SYMBOL, new Rounding());
    functions.replaceAll((name, function) ->
        OTHERWISE_SPECIFIED.contains(name) || function instanceof MissingAware
            ? function
            : new MissingAware(function));
    BuiltInFunctions$.functions$lzy1 = Map$.MODULE$.from(CollectionConverters.asScala(functions));
  }

  @Override
  public String symbol() {
    return function.symbol();
  }

  @Override
  public DataVal apply(Seq<DataVal> arguments) {
    return isUndecided(arguments) ? NullVal$.MODULE$ : function.apply(arguments);
  }

  private boolean isUndecided(Seq<DataVal> arguments) {
    return switch (symbol()) {
      // Of a branch that is not taken nothing is asked.
      case "if" -> isMissing(arguments.head());
      case "and" -> anyMissing(arguments) && !anyIs(false, arguments);
      case "or" -> anyMissing(arguments) && !anyIs(true, arguments);
      default -> anyMissing(arguments);
    };
  }

  private static boolean anyMissing(Seq<DataVal> arguments) {
    return arguments.exists(MissingAware::isMissing);
  }

  private static boolean anyIs(boolean truth, Seq<DataVal> arguments) {
    return arguments.exists(
        argument -> argument instanceof BoolVal known && known.value() == truth);
  }

  private static boolean isMissing(DataVal value) {
    return value == null || value.isMissing();
  }
}
