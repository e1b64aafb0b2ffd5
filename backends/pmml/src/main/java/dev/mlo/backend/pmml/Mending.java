package dev.mlo.backend.pmml;

import java.util.Set;
import org.pmml4s.model.MiningModel;
import org.pmml4s.model.MissingPredictionTreatment$;
import org.pmml4s.model.Model;
import org.pmml4s.model.Scorecard;
import org.pmml4s.model.Segment;
import org.pmml4s.model.Segmentation;
import scala.Option;

/// Models that the engine computes otherwise than the standard says, in ways that can be mended
/// from outside.
final class Mending {
  /// To combine numbers in these ways the engine puts what is missing behind the largest of them.
  private static final Set<String> ORDERED = Set.of("median", "weightedMedian", "x-weightedMedian");

  private static final Set<String> CHOICES = Set.of("selectFirst", "selectAll", "modelChain");

  private Mending() {}

  /// @param read what the engine made of a document
  static Model mended(Model read) {
    return switch (read) {
      case Scorecard card -> new RankedScorecard(card);
      case MiningModel several when several.segmentation().isDefined() -> {
        Segmentation segmentation = several.segmentation().get();
        parts(several, segmentation.segments());
        yield combined(several, segmentation);
      }
      default -> read;
    };
  }

  private static void parts(MiningModel whole, Segment[] segments) {
    for (int i = 0; i < segments.length; i++) {
      Segment segment = segments[i];
      Model before = segment.model();
      Model part = mended(before);
      if (!part.equals(before)) {
        part.setParent(whole);
        part.setSupplementOutput(before.supplementOutput());
        segments[i] =
            new Segment(
                segment.predicate(),
                part,
                segment.variableWeight(),
                segment.id(),
                segment.weight());
      }
    }
  }

  private static MiningModel combined(MiningModel read, Segmentation segmentation) {
    String method = segmentation.multipleModelMethod().toString();
    if (read.isClassification() && method.endsWith("ajorityVote")) {
      return new Vote(read);
    }
    boolean lenient = segmentation.missingPredictionTreatment().toString().equals("continue");
    boolean probabilities = read.isClassification() && !CHOICES.contains(method);
    return lenient && (probabilities || ORDERED.contains(method))
        ? strict(read, segmentation)
        : read;
  }

  /// Where predictions are combined otherwise than by votes, one that is missing makes the result
  /// missing, though it says `continue`.
  private static MiningModel strict(MiningModel read, Segmentation segmentation) {
    return new MiningModel(
        read.parent(),
        read.attributes(),
        read.miningSchema(),
        read.embeddedModels(),
        Option.apply(
            new Segmentation(
                segmentation.multipleModelMethod(),
                segmentation.segments(),
                MissingPredictionTreatment$.MODULE$.returnMissing(),
                segmentation.missingThreshold())),
        read.output(),
        read.targets(),
        read.localTransformations(),
        read.modelStats(),
        read.modelExplanation(),
        read.modelVerification(),
        read.extensions());
  }
}
