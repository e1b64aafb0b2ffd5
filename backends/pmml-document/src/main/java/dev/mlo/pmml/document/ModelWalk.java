package dev.mlo.pmml.document;

import dev.mlo.pmml.document.ModelElement.MiningField;
import dev.mlo.pmml.document.ModelElement.OutputField;
import dev.mlo.pmml.document.ModelElement.Score;
import dev.mlo.pmml.document.ModelElement.Target;
import java.util.ArrayList;

/// Reads a model element. Weights, nodes and tables are passed over.
final class ModelWalk {
  private final Elements in;

  ModelWalk(Elements in) {
    this.in = in;
  }

  ModelElement read(String family) throws PmmlException {
    var model = new ModelElement(family, in.attributes());
    in.children(child -> {
      switch (child) {
        case "MiningSchema" -> in.children(name -> miningField(model, name));
        case "Output" -> {
          model.hasOutput = true;
          in.children(name -> outputField(model, name));
        }
        case "Targets" -> {
          model.hasTargets = true;
          in.children(name -> target(model, name));
        }
        case "Node" -> leaf(model);
        case "RegressionTable" -> {
          String category = in.attribute("targetCategory");
          if (category != null) {
            in.keep();
            model.categories.add(category);
          }
        }
        case "Characteristics" -> in.children(name -> characteristic(model));
        case "Cluster" -> model.isNamed |= in.attribute("name") != null;
        case "Segmentation" -> segmentation(model);
        default -> {}
      }
    });
    return model;
  }

  private void miningField(ModelElement model, String element) throws PmmlException {
    if (element.equals("MiningField")) {
      in.keep();
      model.fields.add(
          new MiningField(in.attribute("name", ""), in.attribute("usageType", "active")));
    }
  }

  private void outputField(ModelElement model, String element) throws PmmlException {
    if (element.equals("OutputField")) {
      in.keep();
      model.outputs.add(
          new OutputField(
              in.attribute("name", ""),
              in.attribute("dataType"),
              in.attribute("feature", "predictedValue"),
              in.attribute("targetField"),
              !in.attribute("isFinalResult", "true").equals("false")));
    }
  }

  private void target(ModelElement model, String element) throws PmmlException {
    if (!element.equals("Target")) {
      return;
    }
    var values = new ArrayList<String>();
    String field = in.attribute("field", "");
    in.children(name -> {
      String value = in.attribute("value");
      if (name.equals("TargetValue") && value != null) {
        in.keep();
        values.add(value);
      }
    });
    model.targets.add(new Target(field, values));
  }

  /// Down the first branch of every node.
  private void leaf(ModelElement model) throws PmmlException {
    model.leafHasId = in.attribute("id") != null;
    model.leafScores.clear();
    var branched = new boolean[1];
    in.children(name -> {
      if (branched[0]) {
        return;
      }
      if (name.equals("ScoreDistribution")) {
        model.leafScores.add(score());
      } else if (name.equals("Node")) {
        branched[0] = true;
        leaf(model);
      }
    });
  }

  private Score score() throws PmmlException {
    in.keep();
    String count = in.attribute("recordCount", "0");
    try {
      return new Score(
          in.attribute("value", ""),
          Double.parseDouble(count),
          in.attribute("confidence") != null,
          in.attribute("probability") != null);
    } catch (NumberFormatException e) {
      throw new PmmlException("has a ScoreDistribution with the recordCount `" + count + "`", e);
    }
  }

  private void characteristic(ModelElement model) throws PmmlException {
    reasonCode(model);
    in.children(name -> reasonCode(model));
  }

  private void reasonCode(ModelElement model) throws PmmlException {
    String code = in.attribute("reasonCode");
    if (code != null) {
      in.keep();
      model.reasonCodes.add(code);
    }
  }

  private void segmentation(ModelElement model) throws PmmlException {
    model.method = in.attribute("multipleModelMethod", "");
    in.children(segment -> {
      if (segment.equals("Segment")) {
        model.lastAlways = false;
        in.children(name -> {
          if (name.equals("True")) {
            model.lastAlways = true;
          } else if (Families.isModel(name)) {
            model.part(read(name));
          }
        });
      }
    });
  }
}
