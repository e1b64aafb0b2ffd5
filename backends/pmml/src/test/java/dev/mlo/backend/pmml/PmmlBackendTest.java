package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.Backend;
import dev.mlo.backend.InferenceException;
import dev.mlo.contract.Tensor;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PmmlBackendTest {
  static final String START =
      """
      <PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/>
      <DataDictionary>
        <DataField name="x" optype="continuous" dataType="double"/>
        <DataField name="c" optype="categorical" dataType="string"/>
        <DataField name="y" optype="continuous" dataType="double"/>
      </DataDictionary>
      """;
  static final String SCHEMA =
      """
      <MiningSchema><MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>
      """;
  static final String LINE =
      START
          + "<RegressionModel functionName=\"regression\">"
          + SCHEMA
          + """
          <RegressionTable intercept="1"><NumericPredictor name="x" coefficient="2"/></RegressionTable>
          </RegressionModel></PMML>
          """;

  @TempDir Path directory;

  private Path write(String document) throws Exception {
    return Files.writeString(directory.resolve("model.pmml"), document);
  }

  private Rows open(String document) throws Exception {
    return Rows.open(write(document));
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(Backend.class))
        .singleElement()
        .isInstanceOf(PmmlBackend.class)
        .extracting(Backend::format)
        .isEqualTo("pmml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"})
  void readsWhatTheDocumentIsEncodedIn(String encoding) throws Exception {
    String document =
        "<?xml version=\"1.0\" encoding=\"%s\"?>\n".formatted(encoding)
            + LINE.replace("\"x\"", "\"größe\"");
    Path file = directory.resolve("model.pmml");
    Files.write(file, document.getBytes(Charset.forName(encoding)));
    try (Rows model = Rows.open(file)) {
      assertThat(model.session().signature().input("größe")).isPresent();
      assertThat(model.infer(List.of(3))).isEqualTo(Map.of("predicted_y", List.of(7.0)));
    }
  }

  /// It needs the true answer, which a request does not have.
  @Test
  void aResidualIsLeftOut() throws Exception {
    String outputs =
        """
        <Output>
          <OutputField name="r" feature="residual" dataType="double"/>
          <OutputField name="p" feature="predictedValue" dataType="double"/>
        </Output>
        """;
    try (Rows model = open(LINE.replace("<RegressionTable", outputs + "<RegressionTable"))) {
      assertThat(model.infer(List.of(3), List.of(4))).isEqualTo(Map.of("p", List.of(7.0, 9.0)));
    }
  }

  @Test
  void columnsAreEquallyLong() throws Exception {
    try (Rows one = Rows.of("vectors")) {
      Tensor shorter = one.tensors(List.of(1, 1)).getFirst();
      Tensor longer = one.tensors(List.of(1, 1), List.of(2, 2)).get(1);
      assertThatThrownBy(() -> one.session().infer(List.of(shorter, longer), List.of()))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("input `y` has 2 values, input `x` has 1")
          .matches(e -> ((InferenceException) e).isClients());
    }
  }

  @Test
  void noRowsAreNoRows() throws Exception {
    try (Rows model = Rows.of("tree")) {
      assertThat(model.session().infer(model.tensors(), List.of()))
          .hasSize(5)
          .allSatisfy(tensor -> assertThat(tensor.shape().elements()).isZero());
    }
  }

  @Test
  void textThatIsNoTextIsTheClientsFault() throws Exception {
    try (Rows model = Rows.of("general")) {
      List<Tensor> inputs = new ArrayList<>(model.tensors(List.of(1, "a")));
      inputs.set(
          1, new Tensor.Strings("kind", inputs.get(1).shape(), List.of(new byte[] {(byte) 0xff})));
      assertThatThrownBy(() -> model.session().infer(inputs, List.of()))
          .hasMessageContaining("`kind`: element 0 is not UTF-8 text")
          .matches(e -> ((InferenceException) e).isClients());
    }
  }

  /// The engine keeps every value of such a field that it ever saw.
  @Test
  void aCategoryWithoutListedValuesTakesAnyValueAndKeepsNone() throws Exception {
    try (Rows model = Rows.of("tree")) {
      for (int i = 0; i < 1000; i++) {
        assertThat(model.infer(List.of("colour " + i, 7)).get("predicted_ripe"))
            .containsExactly("no");
      }
      assertThat(model.infer(List.of("red", 7)).get("predicted_ripe")).containsExactly("yes");
    }
    var engine = org.pmml4s.model.Model.fromPath(model("tree"));
    OpenCategories.seal(engine);
    var colour = engine.inputFields()[0];
    for (String value : List.of("blue", "green", "")) {
      assertThat(colour.encode(new org.pmml4s.data.StringVal(value))).isEqualTo(1);
    }
    assertThat(colour.encode(new org.pmml4s.data.StringVal("red"))).isZero();
    assertThat(colour.validValues()).hasSize(1);
  }

  /// The engine would write 1234567.8906 as 1,234,567.891, or as 1.234.567,891 elsewhere.
  @Test
  void numbersBecomeTheSameTextOnEveryMachine() throws Exception {
    Locale machine = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try (Rows model =
        open(
            LINE.replace(
                "<RegressionTable",
                """
                <Output><OutputField name="text" feature="transformedValue" dataType="string"
                  optype="categorical"><Apply function="concat"><Constant dataType="string">x</Constant>
                  <FieldRef field="x"/></Apply></OutputField></Output><RegressionTable\
                """))) {
      assertThat(model.infer(List.of(1234567.8906), List.of(2)))
          .isEqualTo(Map.of("text", List.of("x1234567.8906", "x2")));
    } finally {
      Locale.setDefault(machine);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tree", "forest", "boosting", "bayes", "scorecard", "neighbours"})
  void threadsShareAModel(String name) throws Exception {
    try (Rows model = Rows.of(name);
        var pool = Executors.newFixedThreadPool(4)) {
      List<List<Tensor>> requests = requests(model);
      List<List<Tensor>> expected = new ArrayList<>();
      for (List<Tensor> request : requests) {
        expected.add(model.session().infer(request, numbers(model)));
      }
      var runs = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 4000; i++) {
        int request = i % requests.size();
        runs.add(() ->
            model
                .session()
                .infer(requests.get(request), numbers(model))
                .equals(expected.get(request)));
      }
      for (Future<Boolean> run : pool.invokeAll(runs)) {
        assertThat(run.get()).isTrue();
      }
    }
  }

  private static List<String> numbers(Rows model) {
    return model.session().signature().outputs().stream()
        .filter(spec -> spec.datatype().width() > 0)
        .map(spec -> spec.name())
        .toList();
  }

  private static List<List<Tensor>> requests(Rows model) {
    var requests = new ArrayList<List<Tensor>>();
    for (int i = 0; i < 20; i++) {
      List<@Nullable Object> row = new ArrayList<>();
      for (var spec : model.session().signature().inputs()) {
        row.add(
            spec.datatype().width() > 0
                ? i
                : List.of("red", "strong", "own").get(requests.size() % 3));
      }
      requests.add(model.tensors(row));
    }
    return requests;
  }

  @Test
  void aLargeDocumentIsReadAndEvaluatedInReasonableTime() throws Exception {
    var segments = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      segments.append("<Segment><True/><TreeModel functionName=\"regression\">").append(SCHEMA);
      subtree(segments.append("<Node><True/>"), 7, 0, 128);
      segments.append("</Node></TreeModel></Segment>");
    }
    Path file =
        write(
            START
                + "<MiningModel functionName=\"regression\">"
                + SCHEMA
                + "<Segmentation multipleModelMethod=\"average\">"
                + segments
                + "</Segmentation></MiningModel></PMML>");
    assertThat(Files.size(file)).isGreaterThan(10_000_000);
    org.junit.jupiter.api.Assertions.assertTimeout(
        Duration.ofSeconds(60),
        () -> {
          try (Rows model = Rows.open(file)) {
            assertThat(model.infer(List.of(63.5))).isEqualTo(Map.of("predicted_y", List.of(63.0)));
          }
        });
  }

  /// Java's parser counts them as entities and has enough of them after a hundred thousand.
  @Test
  void aDocumentMayHaveAnyNumberOfEscapedCharacters() throws Exception {
    var predictors = new StringBuilder();
    for (int i = 0; i < 40_000; i++) {
      predictors.append(
          "<CategoricalPredictor name=\"c\" value=\"&lt;%d&amp;&#x20AC;\" coefficient=\"%d\"/>"
              .formatted(i, i));
    }
    String document =
        LINE.replace(
                "<MiningField name=\"x\"/>", "<MiningField name=\"x\"/><MiningField name=\"c\"/>")
            .replace("<NumericPredictor", predictors + "<NumericPredictor");
    try (Rows model = open(document)) {
      assertThat(model.infer(List.of(1, "<39999&\u20ac"), List.of(1, "")))
          .isEqualTo(Map.of("predicted_y", List.of(40002.0, 3.0)));
    }
    assertThat(System.getProperties()).doesNotContainKey("jdk.xml.totalEntitySizeLimit");
  }

  private static void subtree(StringBuilder out, int depth, int from, int to) {
    int middle = (from + to) / 2;
    for (boolean left : new boolean[] {true, false}) {
      out.append("<Node score=\"%d\">".formatted(left ? middle - 1 : to - 1))
          .append(
              "<SimplePredicate field=\"x\" operator=\"%s\" value=\"%d\"/>"
                  .formatted(left ? "lessThan" : "greaterOrEqual", middle));
      if (depth > 1) {
        subtree(out, depth - 1, left ? from : middle, left ? middle : to);
      }
      out.append("</Node>");
    }
  }

  static Path model(String name) throws Exception {
    var file = PmmlBackendTest.class.getResource("/models/" + name + ".pmml");
    assertThat(file).isNotNull();
    return Path.of(file.toURI());
  }
}
