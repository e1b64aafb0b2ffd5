package dev.mlo.pmml.document;

import java.util.Map;

/// The kinds of models that PMML knows, as people call them.
final class Families {
  private static final Map<String, String> SERVED =
      Map.ofEntries(
          Map.entry("AnomalyDetectionModel", "anomaly detection"),
          Map.entry("ClusteringModel", "clustering"),
          Map.entry("GeneralRegressionModel", "general regression"),
          Map.entry("MiningModel", "several models"),
          Map.entry("NaiveBayesModel", "naive Bayes"),
          Map.entry("NearestNeighborModel", "nearest neighbours"),
          Map.entry("NeuralNetwork", "neural network"),
          Map.entry("RegressionModel", "regression"),
          Map.entry("RuleSetModel", "rule set"),
          Map.entry("Scorecard", "scorecard"),
          Map.entry("SupportVectorMachineModel", "support vector machine"),
          Map.entry("TreeModel", "tree"));

  private static final Map<String, String> NOT_SERVED =
      Map.of(
          "AssociationModel", "association rules",
          "BaselineModel", "baseline",
          "BayesianNetworkModel", "Bayesian network",
          "GaussianProcessModel", "Gaussian process",
          "SequenceModel", "sequences",
          "TextModel", "text",
          "TimeSeriesModel", "time series");

  private Families() {}

  static boolean isModel(String element) {
    return SERVED.containsKey(element) || NOT_SERVED.containsKey(element);
  }

  static boolean isServed(String element) {
    return SERVED.containsKey(element);
  }

  static String words(String element) {
    return SERVED.getOrDefault(element, NOT_SERVED.getOrDefault(element, element));
  }
}
