package dev.mlo.pmml.document;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  private static final Set<String> INEXACT =
      Set.of("max", "median", "weightedMedian", "x-weightedMedian");

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
  private final Set<String> inexact = new LinkedHashSet<>();
  private boolean makesText;
  private boolean cumulative;
  private boolean ties;

  /// Whether the reasons of the scorecard that is read can be ranked only where a characteristic
  /// has a baseline, and whether that one has.
  private boolean needsBaselines;

  private boolean hasBaseline;

  /// Of the last model of several models that was seen: its segments follow at once.
  private boolean classifies;

  /// The last one that was seen: its outputs follow before any other model.
  private String model = "";

  List<String> found() {
    return List.copyOf(found);
  }

  /// Whether numbers may become text on the way.
  boolean makesText() {
    return makesText;
  }

  /// Ways to combine classifications of which the engine gets the winner right, and not how
  /// probable it is.
  Set<String> inexactProbabilities() {
    return inexact;
  }

  /// Whether there is a regression whose tables tell cumulative probabilities when its target is
  /// ordinal.
  boolean isCumulative() {
    return cumulative;
  }

  /// Whether several neighbours vote: of more than two classes some may have as many of them.
  boolean isTied() {
    return ties;
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
    if (Families.isModel(element)) {
      model = element;
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
        // It takes the natural logarithm.
        refuse(in, element, "localTermWeights", "logarithmic");
        if (in.attribute("wordRE") != null) {
          add("the engine lacks wordRE of TextIndex");
        }
      }
      case "TreeModel" -> {
        refuse(in, element, "missingValueStrategy", "aggregateNodes");
        refuse(in, element, "missingValueStrategy", "weightedConfidence");
        if (in.attribute("missingValueStrategy", "").equals("nullPrediction")
            && in.attribute("noTrueChildStrategy", "").equals("returnLastPrediction")) {
          add(
              "the engine predicts the last where missingValueStrategy=\"nullPrediction\" forbids"
                  + " it");
        }
      }
      // It ends at the first change, and never when there is none.
      case "TextIndexNormalization" -> {
        refuse(in, element, "recursive", "true");
        refuse(in, element, "recursive", "1");
      }
      case "NormContinuous" -> outliers(in);
      case "RegressionModel" -> regression(in);
      case "MiningModel" -> classifies = in.attribute("functionName", "").equals("classification");
      case "Segmentation" -> segmentation(in);
      case "NearestNeighborModel" -> {
        refuse(in, element, "continuousScoringMethod", "weightedAverage");
        refuse(in, element, "categoricalScoringMethod", "weightedMajorityVote");
        neighbours(in);
      }
      case "Scorecard" ->
          needsBaselines =
              !in.attribute("useReasonCodes", "true").equals("false")
                  && in.attribute("baselineScore") == null;
      case "Characteristic" -> {
        hasBaseline = in.attribute("baselineScore") != null;
        baseline(in);
      }
      case "Attribute" -> baseline(in);
      case "CompoundPredicate" -> refuse(in, element, "booleanOperator", "xor");
      case "Discretize" -> discretize(in);
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

  private void regression(Elements in) {
    if (in.attribute("functionName", "").equals("regression")) {
      refuse(in, "RegressionModel", "normalizationMethod", "loglog");
      refuse(in, "RegressionModel", "normalizationMethod", "simplemax");
    } else {
      String method = in.attribute("normalizationMethod", "none");
      cumulative |= !method.equals("softmax") && !method.equals("simplemax");
    }
  }

  private void segmentation(Elements in) {
    String method = in.attribute("multipleModelMethod", "");
    refuse(in, "Segmentation", "multipleModelMethod", "selectAll");
    if (!classifies) {
      return;
    }
    if (INEXACT.contains(method)) {
      inexact.add(method);
    }
    if (method.equals("average")) {
      // It leaves segments out, and divides by the number of all of them.
      refuse(in, "Segmentation", "missingPredictionTreatment", "skipSegment");
    }
  }

  /// The engine gives what is in no bin the value for what is missing, and heeds neither of the two
  /// without a datatype.
  private void discretize(Elements in) {
    @Nullable String other = in.attribute("defaultValue");
    @Nullable String missing = in.attribute("mapMissingTo");
    boolean right =
        Objects.equals(other, missing) && (missing == null || in.attribute("dataType") != null);
    if (!right) {
      add(
          "the engine confuses defaultValue and mapMissingTo of Discretize; give both, equal, and a"
              + " dataType, or neither");
    }
  }

  /// Who wins of those with as many votes, the engine decides by the first instance alone.
  private void neighbours(Elements in) {
    if (Set.of("regression", "clustering").contains(in.attribute("functionName", ""))) {
      return;
    }
    String number = in.attribute("numberOfNeighbors", "");
    ties |= !number.equals("1");
    if (!number.matches("\\d*[13579]")) {
      add("the engine decides otherwise between classes with as many neighbours; let those be odd");
    }
  }

  private void baseline(Elements in) {
    String code = in.attribute("reasonCode");
    if (code != null && needsBaselines && !hasBaseline) {
      add("the scorecard has the reason code `%s` without a baselineScore".formatted(code));
    }
  }

  private void outliers(Elements in) {
    if (in.attribute("outliers", "").equals("asMissingValues")
        && in.attribute("mapMissingTo") != null) {
      add(
          "the engine does not map outliers of NormContinuous that count as missing"
              + " (mapMissingTo)");
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
    if (feature.equals("confidence") && in.attribute("value") != null) {
      add(
          "output `%s` asks for the confidence of one value, and the engine tells that of the winner"
              .formatted(name));
    }
    if (!in.attribute("rank", "1").equals("1") && !ranks(feature)) {
      add(
          "output `%s` asks for the %s of rank %s, and the engine tells that of the winner"
              .formatted(name, feature, in.attribute("rank")));
    }
    if (in.attribute("isMultiValued", "0").equals("1")) {
      add("output `%s` has several values (isMultiValued)".formatted(name));
    }
    makesText |= feature.equals("transformedValue") || feature.equals("decision");
  }

  private boolean ranks(String feature) {
    return feature.equals("reasonCode")
        || (model.equals("NearestNeighborModel")
            && (feature.equals("entityId") || feature.contains("ffinity")));
  }
}
