package dev.mlo.cli.build;

import dev.mlo.cli.project.Project;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where the model of an image in the making is: in files of the project, or in another image.
sealed interface ModelSource permits ModelFiles, PackagedModel {
  String format();

  /// The file the engine opens, relative to the model's directory.
  String entry();

  /// What the model takes and gives, as far as the manifest agrees.
  ///
  /// @throws dev.mlo.cli.failure.Failure MANIFEST when it does not
  Signature signature(Project project);

  /// Inputs and outputs whose number of dimensions nobody knows.
  Set<String> unranked();

  /// What a person should know.
  List<String> notes();

  /// The runner image that it stands on already, if any.
  Optional<Digest> runner();

  /// Finds out what every file holds.
  List<ModelCard.File> read(Contents contents) throws IOException;

  /// The layers of the model, the last of them with the card and the examples.
  List<Layer> layers(Contents contents, byte[] card, Examples examples) throws IOException;
}
