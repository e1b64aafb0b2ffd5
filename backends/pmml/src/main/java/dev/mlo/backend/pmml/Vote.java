package dev.mlo.backend.pmml;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pmml4s.data.DataVal;
import org.pmml4s.data.Series;
import org.pmml4s.metadata.OutputField;
import org.pmml4s.model.MiningModel;
import org.pmml4s.model.MiningOutputs;
import org.pmml4s.model.MultipleModelMethod$;
import org.pmml4s.model.Segment;
import org.pmml4s.model.Segmentation;
import org.pmml4s.util.Utils;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/// Several models that vote on a class, and may have no opinion. Where they are told to continue
/// then, "the missing result can be returned if it gets the most votes, or if the fraction of the
/// models with missing result exceeds the missingThreshold" (PMML 4.4).
///
/// The engine answers with some class where nobody has an opinion, lets chance decide between
/// several with as many votes, and divides weighted votes by the number of models.
final class Vote extends MiningModel {
  private final boolean isWeighted;
  private final String treatment;

  Vote(MiningModel read) {
    super(
        read.parent(),
        read.attributes(),
        read.miningSchema(),
        read.embeddedModels(),
        read.segmentation(),
        read.output(),
        read.targets(),
        read.localTransformations(),
        read.modelStats(),
        read.modelExplanation(),
        read.modelVerification(),
        read.extensions());
    isWeighted =
        read.segmentation()
            .get()
            .multipleModelMethod()
            .equals(MultipleModelMethod$.MODULE$.weightedMajorityVote());
    treatment = read.segmentation().get().missingPredictionTreatment().toString();
  }

  @Override
  public Series predict(Series values) {
    var prepared = prepare(values);
    if ((Boolean) prepared._2()) {
      return nullSeries();
    }
    Series row = prepared._1();
    Segmentation voters = segmentation().get();
    Map<DataVal, Double> votes = blank();
    double missing = 0;
    double total = 0;
    for (Segment voter : voters.filter(row)) {
      Series answer = voter.predict(row);
      DataVal vote = answer.get(voter.model().predictedValueIndex());
      double weight = isWeighted ? voter.weight(Series.merge(new Series[] {row, answer})) : 1;
      total += weight;
      if (Utils.isMissing(vote)) {
        missing += weight;
      } else {
        votes.merge(candidate(vote), weight, Double::sum);
      }
    }
    double allowed = treatment.equals("returnMissing") ? 0 : voters.missingThreshold();
    if (total == 0 || missing / total > allowed) {
      return nullSeries();
    }
    return treatment.equals("skipSegment")
        ? count(row, votes, 0, total - missing)
        : count(row, votes, missing, total);
  }

  /// The classes in their order, each with no vote yet.
  private Map<DataVal, Double> blank() {
    var votes = new LinkedHashMap<DataVal, Double>();
    for (DataVal candidate : classes()) {
      votes.put(candidate, 0.0);
    }
    return votes;
  }

  /// The type of a voter's answer may be another than that of the target.
  private DataVal candidate(DataVal vote) {
    return classes().length == 0 ? vote : Utils.toDataVal(vote, Utils.inferDataType(classes()[0]));
  }

  /// Of those with as many votes the first class wins.
  private Series count(Series row, Map<DataVal, Double> votes, double missing, double total) {
    MiningOutputs outputs = createOutputs();
    double most = 0;
    for (Map.Entry<DataVal, Double> one : votes.entrySet()) {
      if (one.getValue() > most) {
        most = one.getValue();
        outputs.setPredictedValue(one.getKey());
      }
    }
    if (missing > most) {
      return nullSeries();
    }
    // A Double to Java; Scala has it as any object.
    var shares = new LinkedHashMap<DataVal, Object>();
    votes.forEach((candidate, number) -> shares.put(candidate, number / total));
    outputs.setProbabilities(Map$.MODULE$.from(CollectionConverters.asScala(shares)));
    return result(row, outputs, new OutputField[0]);
  }
}
