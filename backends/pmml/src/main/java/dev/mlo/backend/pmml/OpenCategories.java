package dev.mlo.backend.pmml;

import java.util.HashMap;
import java.util.Map;
import org.pmml4s.data.DataVal;
import org.pmml4s.metadata.AbstractField;
import org.pmml4s.metadata.CategoricalAttribute;
import org.pmml4s.metadata.MutableCategoricalAttribute;
import org.pmml4s.model.MiningModel;
import org.pmml4s.model.Model;
import org.pmml4s.transformations.TransformationDictionary;
import scala.Option;

/// The values of a category of which the document lists none, as far as the model tells them apart.
///
/// The engine notes down every value it meets, also while it predicts: without a lock, and without
/// end if a client sends ever new ones. Here all values the model does not name are one: unequal to
/// each of those it names, which is all that a model can ask.
final class OpenCategories extends CategoricalAttribute {
  private final DataVal[] known;
  private final Map<DataVal, Double> codes = new HashMap<>();

  private OpenCategories(MutableCategoricalAttribute grown) {
    super(grown.invalidValues(), grown.missingValues(), grown.labels());
    known = grown.validValues();
    for (int i = 0; i < known.length; i++) {
      codes.put(known[i], (double) i);
    }
  }

  @Override
  public DataVal[] validValues() {
    return known.clone();
  }

  @Override
  public double encode(DataVal value) {
    return isValidValue(value) ? codes.getOrDefault(value, (double) known.length) : Double.NaN;
  }

  @Override
  public DataVal decode(int index) {
    return known[index];
  }

  /// Ends the growing in a model that was read to its end.
  static void seal(Model model) {
    seal(model.dataDictionary().fields());
    sealTransformations(model.transformationDictionary());
    sealOwn(model);
  }

  private static void sealOwn(Model model) {
    if (model.localTransformations().isDefined()) {
      seal(model.localTransformations().get().fields());
    }
    if (model.output().isDefined()) {
      seal(model.output().get().outputFields());
    }
    if (model instanceof MiningModel several && several.segmentation().isDefined()) {
      for (var segment : several.segmentation().get().segments()) {
        sealOwn(segment.model());
      }
    }
  }

  private static void sealTransformations(Option<TransformationDictionary> transformations) {
    if (transformations.isDefined()) {
      seal(transformations.get().fields());
    }
  }

  private static void seal(Object[] fields) {
    for (Object field : fields) {
      if (field instanceof AbstractField own
          && own.attribute() instanceof MutableCategoricalAttribute grown) {
        own._attribute_$eq(new OpenCategories(grown));
      }
    }
  }
}
