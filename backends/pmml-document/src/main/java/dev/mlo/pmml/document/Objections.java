package dev.mlo.pmml.document;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the engine lacks, or computes otherwise than PMML says: found by reading its source and by
/// computing examples by hand. A wrong score is worse than none.
final class Objections {
  private static final int MAX = 20;

  private static final Map<String, String> ELEMENTS =
      Map.of(
          "AnyDistribution", "a distribution of any kind (AnyDistribution)",
          "PoissonDistribution", "a Poisson distribution",
          "UniformDistribution", "a uniform distribution",
          "TableLocator", "a table outside of the document (TableLocator)",
          "Regression", "a model embedded in another (Regression)",
          "DecisionTree", "a model embedded in another (DecisionTree)");

  private static final Set<String> FUNCTIONS =
      Set.of(
          "formatNumber",
          "formatDatetime",
          "dateDaysSinceYear",
          "dateSecondsSinceYear",
          "dateSecondsSinceMidnight");

  private static final Set<String> FEATURES =
      Set.of(
          "standardDeviation", "ruleValue", "confidenceIntervalLower", "confidenceIntervalUpper");

  /// Functions that make text of what they are given.
  private static final Set<String> TEXT =
      Set.of(
          "concat",
          "lowercase",
          "matches",
          "replace",
          "stringLength",
          "substring",
          "trimBlanks",
          "uppercase");

  private final Set<String> found = new LinkedHashSet<>();
  private boolean makesText;

  List<String> found() {
    return List.copyOf(found);
  }

  /// Whether numbers may become text on the way.
  boolean makesText() {
    return makesText;
  }

  void add(String objection) {
    if (found.size() < MAX) {
      found.add(objection);
    }
  }

  void see(String element, Elements in) {
    String lacking = ELEMENTS.get(element);
    if (lacking != null) {
      add("the engine lacks " + lacking);
    }
    if (Families.isModel(element) && !Families.isServed(element)) {
      add(
          "the engine lacks models of the family %s (%s)"
              .formatted(Families.words(element), element));
    }
    switch (element) {
      case "GeneralRegressionModel" -> generalRegression(in);
      case "AnomalyDetectionModel" -> refuse(in, element, "algorithmType", "other");
      case "ComparisonMeasure", "ClusteringField", "KNNInput" ->
          refuse(in, element, "compareFunction", "table");
      case "TextIndex" -> {
        makesText = true;
        refuse(in, element, "localTermWeights", "augmentedNormalizedTermFrequency");
      }
      case "Segmentation" -> refuse(in, element, "multipleModelMethod", "selectAll");
      case "Apply" -> function(in.attribute("function", ""));
      case "DerivedField" -> makesText |= in.attribute("dataType", "").equals("string");
      case "OutputField" -> output(in);
      default -> {}
    }
  }

  private void generalRegression(Elements in) {
    refuse(in, "GeneralRegressionModel", "modelType", "CoxRegression");
    refuse(in, "GeneralRegressionModel", "modelType", "ordinalMultinomial");
    String type = in.attribute("modelType", "");
    boolean offset = in.attribute("offsetVariable") != null || in.attribute("offsetValue") != null;
    if (offset && !type.equals("generalizedLinear")) {
      add("the engine lacks an offset in a general regression of the type " + type);
    }
  }

  private void refuse(Elements in, String element, String attribute, String value) {
    @Nullable String given = in.attribute(attribute);
    if (value.equals(given)) {
      add("the engine lacks %s in %s=\"%s\"".formatted(element, attribute, value));
    }
  }

  private void function(String name) {
    if (FUNCTIONS.contains(name)) {
      add("the engine lacks the function " + name);
    }
    makesText |= TEXT.contains(name);
  }

  private void output(Elements in) {
    String feature = in.attribute("feature", "");
    String name = in.attribute("name", "");
    if (FEATURES.contains(feature)) {
      add("output `%s` asks for the %s, which the engine lacks".formatted(name, feature));
    }
    if (in.attribute("isMultiValued", "0").equals("1")) {
      add("output `%s` has several values (isMultiValued)".formatted(name));
    }
    makesText |= feature.equals("transformedValue") || feature.equals("decision");
  }
}
