package dev.mlo.backend.pmml;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import dev.mlo.pmml.document.PmmlDocument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pmml4s.common.StructType;
import org.pmml4s.data.DataVal;
import org.pmml4s.data.GenericSeriesWithSchema;
import org.pmml4s.data.Series;
import org.pmml4s.model.Model;

/// A model in the engine's memory. Nothing in it changes once it is open, so threads share it.
final class PmmlSession implements Session {
  private final Signature signature;
  private final Model model;
  private final StructType fields;
  private final boolean alone;
  private final boolean choosesPrediction;

  /// Those of which a row may have none.
  private final Set<String> reasons;

  private PmmlSession(PmmlDocument document, Model model, Set<String> reasons) {
    this.signature = document.signature();
    this.model = model;
    this.fields = model.usedSchema();
    this.alone = document.makesText();
    this.choosesPrediction = document.choosesPrediction() && signature.outputs().size() == 1;
    this.reasons = reasons;
  }

  /// @throws ModelException when the engine sees other inputs or outputs than the document says
  static PmmlSession of(PmmlDocument document, Model model) throws ModelException {
    List<TensorSpec> inputs = new ArrayList<>();
    List<TensorSpec> outputs = new ArrayList<>();
    var reasons = new HashSet<String>();
    try {
      for (var field : model.inputFields()) {
        inputs.add(spec(field.name(), field.dataType().toString()));
      }
      for (var field : model.outputFields()) {
        outputs.add(spec(field.name(), field.dataType().toString()));
        if (field.feature().toString().equals("reasonCode")) {
          reasons.add(field.name());
        }
      }
    } catch (RuntimeException | scala.NotImplementedError e) {
      throw new ModelException("the engine does not tell what the model gives: " + e, e);
    }
    Signature said = document.signature();
    if (!inputs.equals(said.inputs()) || !outputs.containsAll(said.outputs())) {
      throw new ModelException(
          "the engine sees %s, the document says %s"
              .formatted(new Signature(inputs, outputs), said));
    }
    return new PmmlSession(document, model, Set.copyOf(reasons));
  }

  private static TensorSpec spec(String name, String type) throws ModelException {
    DataType datatype = PmmlDocument.datatype(type);
    if (datatype == null) {
      throw new ModelException("`%s` has the type %s".formatted(name, type));
    }
    return new TensorSpec(name, datatype, Shape.of(-1));
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceException {
    Columns columns = Columns.of(ordered(inputs));
    List<OutputColumn> answers =
        signature.outputs().stream()
            .filter(spec -> outputs.isEmpty() || outputs.contains(spec.name()))
            .map(spec -> new OutputColumn(spec, columns.rows(), reasons.contains(spec.name())))
            .toList();
    if (alone) {
      Numerals.LOCK.lock();
    }
    try {
      for (int row = 0; row < columns.rows(); row++) {
        evaluate(columns, row, answers);
      }
    } finally {
      if (alone) {
        Numerals.LOCK.unlock();
      }
    }
    return answers.stream().map(OutputColumn::tensor).toList();
  }

  private List<Tensor> ordered(List<Tensor> inputs) throws InferenceException {
    Map<String, Tensor> byName = new HashMap<>();
    inputs.forEach(input -> byName.put(input.name(), input));
    var ordered = new ArrayList<Tensor>();
    for (TensorSpec spec : signature.inputs()) {
      Tensor tensor = byName.get(spec.name());
      if (tensor == null || tensor.datatype() != spec.datatype()) {
        throw new InferenceException(
            "input `%s` is missing, or is not %s".formatted(spec.name(), spec.datatype()), true);
      }
      ordered.add(tensor);
    }
    return ordered;
  }

  private void evaluate(Columns columns, int row, List<OutputColumn> answers)
      throws InferenceException {
    Series result = predict(columns.row(row, fields.length()), row);
    @Nullable StructType schema = result.schema();
    for (OutputColumn answer : answers) {
      int index = schema == null ? -1 : indexOf(answer.spec().name(), schema);
      if (index < 0) {
        throw new InferenceException(
            "the model gives no `%s` for row %d".formatted(answer.spec().name(), row), false);
      }
      answer.add(result.get(index), row);
    }
  }

  private int indexOf(String name, StructType schema) {
    var index = schema.getFieldIndex(name);
    if (index.isDefined()) {
      return (Integer) index.get();
    }
    return choosesPrediction && schema.size() == 1 ? 0 : -1;
  }

  /// A model may have no rule for a row that lacks something, and the engine then just fails.
  private Series predict(DataVal[] row, int number) throws InferenceException {
    try {
      return model.predict(new GenericSeriesWithSchema(row, fields));
    } catch (Exception | scala.NotImplementedError | StackOverflowError e) {
      String missing = missing(row);
      throw new InferenceException(
          "the model cannot be evaluated for row %d%s: %s"
              .formatted(number, missing, PmmlBackend.reason(e)),
          !missing.isEmpty(),
          e);
    }
  }

  private String missing(DataVal[] row) {
    for (int i = 0; i < signature.inputs().size(); i++) {
      if (row[i].isMissing()) {
        return ", where `%s` is missing".formatted(signature.inputs().get(i).name());
      }
    }
    return "";
  }

  /// The garbage collector takes the rest.
  @Override
  public void close() {}
}
