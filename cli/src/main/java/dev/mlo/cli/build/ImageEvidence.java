package dev.mlo.cli.build;

import dev.mlo.attest.Attachment;
import dev.mlo.attest.BillOfMaterials;
import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.attest.Statement;
import dev.mlo.cli.project.GitState;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a build says of the image it made, and attaches to it: provenance, and bills of materials.
/// None of it is part of the image, so none of it changes the digest. Saying the same again changes
/// nothing; what another commit has to say of the same image comes beside what was said before.
final class ImageEvidence {
  private final LayoutStore store;
  private final Descriptor image;
  private final RunnerStore.Stored runner;
  private final RunnerStore.Engine engine;
  private int added;

  /// @param store where the image is
  /// @param stand what the image stands on
  ImageEvidence(LayoutStore store, Descriptor image, Stand stand) {
    this.store = store;
    this.image = image;
    this.runner = stand.runner();
    this.engine = stand.engine();
  }

  /// @return how many documents were not attached before
  int attach(Project project, ModelCard card, String created, @Nullable GitState git)
      throws IOException {
    Platform platform = runner.config().platform();
    var provenance =
        new BuildProvenance(
            project, card, image.digest(), platform, created, git, runner, engine.layer());
    attach(
        MediaTypes.IN_TOTO,
        store
            .blob(MediaTypes.IN_TOTO, provenance.write())
            .with(Attachment.TITLE, "provenance.json")
            .with(Statement.PREDICATE_TYPE, Provenance.PREDICATE),
        provenance.annotations());
    var below = List.of(runner(), engine(card.format()));
    byte[] bill = new ModelBill(card, image.digest(), platform, created, below).write();
    attachBill(
        BillOfMaterials.IMAGE,
        store.blob(BillOfMaterials.TYPE, bill).with(Attachment.TITLE, "bom.json"));
    return added;
  }

  private ModelBill.Below runner() throws IOException {
    return linked(
        new ModelBill.Below(
            BillOfMaterials.RUNNER,
            "container",
            "mlo-runner",
            runner.version(),
            runner.image().digest(),
            null,
            null),
        runner.image());
  }

  private ModelBill.Below engine(String format) throws IOException {
    return linked(
        new ModelBill.Below(
            BillOfMaterials.ENGINE,
            "framework",
            format + " engine",
            runner.version(),
            engine.layer().digest(),
            null,
            null),
        engine.artifact());
  }

  /// Attaches the bill that something the model stands on has, so that it goes where the image
  /// goes.
  ///
  /// @param owner whose bill it is
  private ModelBill.Below linked(ModelBill.Below part, Descriptor owner) throws IOException {
    Optional<Evidence> found =
        Evidence.newest(Evidence.of(runner.store(), owner.digest()), Evidence.Kind.BOM);
    if (found.isEmpty()) {
      return part;
    }
    Descriptor document = found.get().manifest().layers().getFirst();
    String link = BillOfMaterials.link(found.get().document(runner.store()));
    store.blob(document, runner.store());
    attachBill(part.reference(), document);
    return part.linked(link, document.digest());
  }

  private void attachBill(String part, Descriptor document) throws IOException {
    attach(BillOfMaterials.TYPE, document, Map.of(BillOfMaterials.PART, part));
  }

  private void attach(String type, Descriptor document, Map<String, String> annotations)
      throws IOException {
    added += Attachment.attach(store, image, type, document, annotations).added() ? 1 : 0;
  }
}
