package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Neighbours that the engine would ask otherwise than the standard says.
class NeighboursRefusalTest {
  private Trial trial;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    trial = new Trial(directory);
  }

  @Test
  void namesVotesAndMeansThatAreWeighted() throws Exception {
    String neighbours = Files.readString(PmmlBackendTest.model("neighbours"));
    trial.refuses(
        neighbours.replace(
            "continuousScoringMethod=\"average\"", "continuousScoringMethod=\"weightedAverage\""),
        "continuousScoringMethod=\"weightedAverage\"");
    trial.refuses(
        neighbours.replace(
            "<NearestNeighborModel",
            "<NearestNeighborModel categoricalScoringMethod=\"weightedMajorityVote\""),
        "categoricalScoringMethod=\"weightedMajorityVote\"");
  }

  private static String voters(int number, String values, String output) {
    return """
    <PMML version="4.4"><Header/><DataDictionary><DataField name="x" optype="continuous" dataType="double"/>
    <DataField name="v" optype="categorical" dataType="string">%s</DataField></DataDictionary>
    <NearestNeighborModel functionName="classification" numberOfNeighbors="%d"><MiningSchema>
    <MiningField name="x"/><MiningField name="v" usageType="target"/></MiningSchema>%s
    <TrainingInstances isTransformed="false"><InstanceFields><InstanceField field="x" column="x"/>
    <InstanceField field="v" column="v"/></InstanceFields><InlineTable>
    <row><x>0</x><v>A</v></row><row><x>1</x><v>B</v></row><row><x>2</x><v>B</v></row>
    <row><x>3</x><v>A</v></row><row><x>4</x><v>A</v></row></InlineTable></TrainingInstances>
    <ComparisonMeasure kind="distance"><euclidean/></ComparisonMeasure>
    <KNNInputs><KNNInput field="x"/></KNNInputs></NearestNeighborModel></PMML>
    """
        .formatted(values, number, output);
  }

  @Test
  void neighboursMayVoteWhereThereIsNoTie() throws Exception {
    String two = "<Value value=\"A\"/><Value value=\"B\"/>";
    String output = "<Output><OutputField name=\"p\" feature=\"predictedValue\"/></Output>";
    for (String good : List.of(voters(1, "", output), voters(3, two, output))) {
      try (Rows model = trial.open(good)) {
        assertThat(model.infer(List.of(1.2), List.of(3.6)).get("p")).containsExactly("B", "A");
      }
    }
    trial.refuses(voters(2, two, output), "let those be odd");
    trial.refuses(voters(3, two + "<Value value=\"C\"/>", output), "with as many neighbours");
    trial.refuses(voters(3, "", output), "with as many neighbours");
    trial.refuses(voters(3, two, ""), "no probabilities of neighbours");
    trial.refuses(
        voters(3, two, output.replace("predictedValue", "probability\" value=\"A")),
        "no probabilities of neighbours");
  }
}
