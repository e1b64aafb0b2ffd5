package dev.mlo.pmml.document;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import dev.mlo.pmml.document.ModelElement.DataField;
import dev.mlo.pmml.document.ModelElement.OutputField;
import dev.mlo.pmml.document.ModelElement.Score;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a model gives: its declared output fields, or what the engine gives where none are
/// declared.
final class Outputs {
  private static final Shape COLUMN = Shape.of(-1);

  private final Map<String, DataField> dictionary;
  private final Objections objections;
  private final List<String> notes = new ArrayList<>();

  Outputs(Map<String, DataField> dictionary, Objections objections) {
    this.dictionary = dictionary;
    this.objections = objections;
  }

  /// What a reader should know of outputs that were told.
  List<String> notes() {
    return List.copyOf(notes);
  }

  List<TensorSpec> of(ModelElement model) {
    return of(model, false);
  }

  /// @param all whether the fields for other models count too
  private List<TensorSpec> of(ModelElement model, boolean all) {
    return model.hasOutput ? declared(model, all) : implied(model);
  }

  private List<TensorSpec> declared(ModelElement model, boolean all) {
    var specs = new ArrayList<TensorSpec>();
    for (OutputField field : model.outputs) {
      if (field.feature().equals("residual")) {
        notes.add(
            "output `%s` is left out: a residual needs the true answer".formatted(field.name()));
      } else if (field.isFinal() || all) {
        DataType type =
            field.type() == null ? implied(model, field) : PmmlDocument.datatype(field.type());
        if (field.name().isEmpty() || type == null) {
          objections.add(
              field.name().isEmpty()
                  ? "an output has no name"
                  : "output `%s` has %s, which is not served"
                      .formatted(
                          field.name(),
                          field.type() == null ? "no dataType" : "the type " + field.type()));
        } else {
          if (field.feature().equals("predictedValue")) {
            requireTellable(field.name(), type);
          }
          requireFilled(model, field);
          specs.add(new TensorSpec(field.name(), type, COLUMN));
        }
      }
    }
    return specs;
  }

  /// The engine leaves these empty in every row.
  private void requireFilled(ModelElement model, OutputField field) {
    if (field.feature().equals("predictedDisplayValue") && !model.hasTargets) {
      objections.add(
          "output `%s` asks for the predictedDisplayValue, and the engine knows those of <Targets>"
                  .formatted(field.name())
              + " only");
    }
    if (field.feature().equals("entityId") && model.family.equals("RuleSetModel")) {
      objections.add(
          "output `%s` asks for the entityId, which the engine lacks of a rule set"
              .formatted(field.name()));
    }
  }

  /// The type was optional before PMML 4.3.
  private @Nullable DataType implied(ModelElement model, OutputField field) {
    return switch (field.feature()) {
      case "predictedValue" -> {
        String target = field.target() != null ? field.target() : model.target();
        DataField of = target == null ? null : dictionary.get(target);
        yield of == null
            ? DataType.BYTES
            : of.type().equals("integer") ? DataType.FP64 : PmmlDocument.datatype(of.type());
      }
      case "probability",
          "affinity",
          "standardError",
          "clusterAffinity",
          "entityAffinity",
          "confidence" ->
          DataType.FP64;
      case "predictedDisplayValue", "clusterId", "entityId" -> DataType.BYTES;
      default -> null;
    };
  }

  private List<TensorSpec> implied(ModelElement model) {
    var specs = new ArrayList<TensorSpec>();
    switch (model.family) {
      case "AnomalyDetectionModel" -> add(specs, "anomalyScore", DataType.FP64);
      case "ClusteringModel" -> clustering(model, specs);
      case "MiningModel" -> {
        if (model.method.equals("modelChain") && model.lastAlways && model.last != null) {
          return of(model.last, true);
        }
        predicted(model, specs);
        probabilities(model, specs);
      }
      case "RuleSetModel" -> {
        if (model.isClassification()) {
          predicted(model, specs);
          add(specs, "confidence", DataType.FP64);
        }
      }
      case "Scorecard" -> {
        predicted(model, specs);
        if (!model.attribute("useReasonCodes", "true").equals("false")) {
          for (int i = 1; i <= model.reasonCodes.size(); i++) {
            add(specs, "reason_code_" + i, DataType.BYTES);
          }
        }
      }
      case "TreeModel" -> tree(model, specs);
      case "SupportVectorMachineModel" -> {
        predicted(model, specs);
        String method = model.attribute("classificationMethod", "OneAgainstAll");
        if (method.equals("OneAgainstOne")) {
          probabilities(model, specs);
        }
      }
      default -> {
        predicted(model, specs);
        probabilities(model, specs);
      }
    }
    return specs;
  }

  private static void clustering(ModelElement model, List<TensorSpec> specs) {
    add(specs, "cluster", DataType.BYTES);
    if (model.isNamed) {
      add(specs, "cluster_name", DataType.BYTES);
    }
    boolean centers = model.attribute("modelClass", "").equals("centerBased");
    add(specs, centers ? "distance" : "similarity", DataType.FP64);
  }

  private void tree(ModelElement model, List<TensorSpec> specs) {
    predicted(model, specs);
    if (model.isClassification() && !model.leafScores.isEmpty()) {
      if (model.leafScores.getFirst().hasConfidence()) {
        add(specs, "confidence", DataType.FP64);
      }
      double total = model.leafScores.stream().mapToDouble(Score::count).sum();
      if (total > 0 || model.leafScores.getFirst().hasProbability()) {
        probabilities(model, specs);
      }
    }
    if (model.leafHasId) {
      add(specs, "node_id", DataType.BYTES);
    }
  }

  private void predicted(ModelElement model, List<TensorSpec> specs) {
    String target = model.target();
    if (target == null) {
      boolean bare = model.family.equals("TreeModel") || model.family.equals("RegressionModel");
      if (bare || model.family.equals("Scorecard") || model.family.equals("RuleSetModel")) {
        add(specs, "predicted", model.isRegression() ? DataType.FP64 : DataType.BYTES);
      } else {
        objections.add("the model names neither a target nor an <Output>");
      }
      return;
    }
    DataField field = dictionary.get(target);
    DataType type = field == null ? null : PmmlDocument.datatype(field.type());
    if (field == null || type == null) {
      objections.add(
          "the target `%s` %s; an <Output> says what the model gives instead"
              .formatted(
                  target,
                  field == null
                      ? "is not in the data dictionary"
                      : "has the type %s, which is not served".formatted(field.type())));
      return;
    }
    boolean number = type == DataType.INT64 && field.operation().equals("continuous");
    requireTellable("predicted_" + target, type);
    add(specs, "predicted_" + target, number ? DataType.FP64 : type);
  }

  /// The engine gives `false` where there is no prediction.
  private void requireTellable(String output, DataType type) {
    if (type == DataType.BOOL) {
      objections.add(
          "output `%s` predicts a boolean, which the engine gives as false where it has no result;"
                  .formatted(output)
              + " let it be a string");
    }
  }

  private void probabilities(ModelElement model, List<TensorSpec> specs) {
    if (!model.isClassification()) {
      return;
    }
    List<String> labels = labels(model);
    if (labels.isEmpty()) {
      notes.add(
          "the target lists no values and there is no <Output>, so each row has the probability of"
              + " its prediction only");
    }
    add(specs, "probability", DataType.FP64);
    labels.forEach(label -> add(specs, "probability_" + label, DataType.FP64));
  }

  private List<String> labels(ModelElement model) {
    String target = model.target();
    if (target == null) {
      return switch (model.family) {
        case "RegressionModel" -> model.categories;
        case "TreeModel" -> model.leafScores.stream().map(Score::value).toList();
        default -> List.of();
      };
    }
    if (model.hasTargets) {
      return model.targets.getFirst().values();
    }
    DataField field = dictionary.get(target);
    return field == null
        ? List.of()
        : field.values().stream().map(value -> label(value, field.type())).toList();
  }

  /// As the engine writes a class that is no text.
  static String label(String value, String type) {
    try {
      return switch (type) {
        case "integer" -> Long.toString(new BigDecimal(value.strip()).longValue());
        case "float", "double" ->
            new BigDecimal(value.strip()).stripTrailingZeros().toPlainString();
        case "boolean" -> Boolean.toString(Boolean.parseBoolean(value));
        default -> value;
      };
    } catch (NumberFormatException e) {
      return value;
    }
  }

  private static void add(List<TensorSpec> specs, String name, DataType type) {
    specs.add(new TensorSpec(name, type, COLUMN));
  }
}
