package dev.mlo.pmml.document;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was read of a model, not yet judged: what it takes and gives, without how it computes it.
final class ModelElement {
  /// A field of the data dictionary.
  ///
  /// @param values those declared as valid, in their order
  record DataField(String name, String type, String operation, List<String> values) {}

  record MiningField(String name, String usage) {
    boolean isInput() {
      return usage.equals("active") || usage.equals("group");
    }

    boolean isTarget() {
      return usage.equals("target") || usage.equals("predicted");
    }
  }

  /// @param type `null`: follows from the feature
  /// @param isFinal whether it leaves the model
  record OutputField(
      String name,
      @Nullable String type,
      String feature,
      @Nullable String target,
      boolean isFinal) {}

  record Target(String field, List<String> values) {}

  /// A line of the score distribution of a leaf.
  record Score(String value, double count, boolean hasConfidence, boolean hasProbability) {}

  final String family;
  final Map<String, String> attributes;
  final List<MiningField> fields = new ArrayList<>();
  final List<Target> targets = new ArrayList<>();
  boolean hasTargets;
  final List<OutputField> outputs = new ArrayList<>();
  boolean hasOutput;

  /// Of a tree: the leaf at the first branch of every node.
  final List<Score> leafScores = new ArrayList<>();

  boolean leafHasId;

  /// Of a regression: the categories of its tables.
  final List<String> categories = new ArrayList<>();

  /// Of a scorecard.
  final Set<String> reasonCodes = new LinkedHashSet<>();

  /// Of a clustering: whether the first cluster has a name.
  boolean isNamed;

  /// Of several models: how they are combined, and the last of them.
  String method = "";

  @Nullable ModelElement last;
  boolean lastAlways;

  /// Of several models: whether what each of them tells is its prediction and nothing else.
  private boolean partsOnlyPredict = true;

  ModelElement(String family, Map<String, String> attributes) {
    this.family = family;
    this.attributes = attributes;
  }

  String attribute(String name, String absent) {
    return attributes.getOrDefault(name, absent);
  }

  boolean isClassification() {
    return attribute("functionName", "").equals("classification");
  }

  boolean isRegression() {
    return attribute("functionName", "").equals("regression");
  }

  /// One of several models, which was read to its end.
  void part(ModelElement part) {
    last = part;
    partsOnlyPredict &= part.onlyPredicts();
  }

  /// Whether the answer is that of one of several models, under the name which that one has for it.
  boolean choosesPrediction() {
    return (method.equals("modelChain") || method.equals("selectFirst")) && onlyPredicts();
  }

  /// Whether several models are combined to a prediction, and nothing else is told of it.
  boolean votesOnly() {
    return hasOutput && onlyPredicts() && !choosesPrediction();
  }

  private boolean onlyPredicts() {
    boolean predicts =
        !hasOutput
            || (outputs.size() == 1 && outputs.getFirst().feature().equals("predictedValue"));
    return predicts && partsOnlyPredict;
  }

  /// Whether it says how sure it is, as models without an `<Output>` do.
  boolean tellsProbability() {
    return !hasOutput
        || outputs.stream()
            .anyMatch(output -> Set.of("probability", "confidence").contains(output.feature()));
  }

  /// The first of the fields it predicts; `null`: it names none.
  @Nullable String target() {
    if (hasTargets) {
      return targets.isEmpty() ? null : targets.getFirst().field();
    }
    return fields.stream()
        .filter(MiningField::isTarget)
        .map(MiningField::name)
        .findFirst()
        .orElse(null);
  }
}
