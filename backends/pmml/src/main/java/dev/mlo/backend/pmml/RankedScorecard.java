package dev.mlo.backend.pmml;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pmml4s.data.Series;
import org.pmml4s.metadata.OutputField;
import org.pmml4s.metadata.ResultFeature$;
import org.pmml4s.model.Attribute;
import org.pmml4s.model.Characteristic;
import org.pmml4s.model.Characteristics;
import org.pmml4s.model.ReasonCodeAlgorithm$;
import org.pmml4s.model.Scorecard;
import org.pmml4s.model.ScorecardOutput;
import scala.Option;

/// A scorecard that tells its reasons as the standard has them.
///
/// Of several with as many points the engine takes the one that is last in the alphabet and not the
/// one that is first in the document; it repeats the last where fewer are left than were asked for;
/// and it breaks off where a characteristic has no attribute for a row.
final class RankedScorecard extends Scorecard {
  /// In the order of the document.
  private final List<String> codes;

  RankedScorecard(Scorecard read) {
    super(
        read.parent(),
        read.attributes(),
        read.miningSchema(),
        read.characteristics(),
        read.output(),
        read.targets(),
        read.localTransformations(),
        read.modelStats(),
        read.modelExplanation(),
        read.modelVerification(),
        read.extensions());
    codes = codes(read.characteristics());
  }

  @Override
  public Series predict(Series values) {
    var prepared = prepare(values);
    if ((Boolean) prepared._2()) {
      return nullSeries();
    }
    Series row = prepared._1();
    double score = initialScore();
    var points = new HashMap<String, Double>();
    for (Characteristic characteristic : characteristics().characteristics()) {
      var found = characteristic.score(row);
      double partial = (Double) found._1();
      score += partial;
      if (useReasonCodes() && found._2().isDefined()) {
        points.merge(found._2().get(), difference(characteristic, partial), Double::sum);
      }
    }
    ScorecardOutput outputs = createOutputs();
    outputs.setPredictedValue(score);
    if (!Double.isNaN(score)) {
      outputs.reasonCodes_$eq(ranked(points));
    }
    return result(row, outputs, new OutputField[0]);
  }

  /// Of a card without an `<Output>` the engine tells the first reason again and again.
  @Override
  public OutputField[] defaultOutputFields() {
    OutputField[] fields = super.defaultOutputFields().clone();
    int rank = 0;
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].feature().equals(ResultFeature$.MODULE$.reasonCode())) {
        rank++;
        fields[i] = ranked(fields[i], rank);
      }
    }
    return fields;
  }

  private static OutputField ranked(OutputField field, int rank) {
    return new OutputField(
        field.name(),
        field.displayName(),
        field.dataType(),
        field.opType(),
        field.feature(),
        field.targetField(),
        field.value(),
        field.ruleFeature(),
        field.algorithm(),
        rank,
        field.rankBasis(),
        field.rankOrder(),
        field.isMultiValued(),
        field.segmentId(),
        field.isFinalResult(),
        field.decisions(),
        field.expr());
  }

  private double difference(Characteristic characteristic, double partial) {
    var own = characteristic.baselineScore();
    double baseline = (Double) (own.isDefined() ? own : baselineScore()).get();
    boolean below = reasonCodeAlgorithm().equals(ReasonCodeAlgorithm$.MODULE$.pointsBelow());
    return below ? baseline - partial : partial - baseline;
  }

  /// The most points first; what spoke for the row is no reason. Sorting keeps the document's order
  /// of those with as many.
  private String[] ranked(Map<String, Double> points) {
    return codes.stream()
        .filter(code -> points.getOrDefault(code, -1.0) >= 0)
        .sorted(Comparator.comparing(points::get, Comparator.reverseOrder()))
        .toArray(String[]::new);
  }

  private static List<String> codes(Characteristics characteristics) {
    var codes = new LinkedHashSet<String>();
    for (Characteristic characteristic : characteristics.characteristics()) {
      add(characteristic.reasonCode(), codes);
      for (Attribute attribute : characteristic.attributes()) {
        add(attribute.reasonCode(), codes);
      }
    }
    return List.copyOf(codes);
  }

  private static void add(Option<String> code, Set<String> codes) {
    if (code.isDefined()) {
      codes.add(code.get());
    }
  }
}
