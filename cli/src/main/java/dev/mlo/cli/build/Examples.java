package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.Labels;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorJson;
import dev.mlo.contract.TensorSpec;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The golden examples, read and held against the model's signature. Whether the model really
/// answers so is for `mlo test` to show.
final class Examples {
  private static final long MAX_BYTES = 64L << 20;

  private final List<ModelCard.Example> cards = new ArrayList<>();

  /// By name below `/models`.
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private Examples() {}

  /// @param unranked inputs and outputs whose number of dimensions nobody knows
  /// @throws Failure MANIFEST with everything that does not fit
  static Examples of(Project project, Signature signature, Set<String> unranked)
      throws IOException {
    Examples examples = new Examples();
    var faults = new ArrayList<String>();
    for (Project.Example example : project.examples()) {
      byte[] request = read(example.request());
      byte[] response = read(example.response());
      Check check = new Check(signature, unranked);
      check.request(request).forEach(fault -> faults.add(fault(project, example.request(), fault)));
      check
          .response(response)
          .forEach(fault -> faults.add(fault(project, example.response(), fault)));
      examples.add(example.tolerance(), request, response);
    }
    if (!faults.isEmpty()) {
      throw Failure.of(ExitCode.MANIFEST, "the examples do not fit the model")
          .why(faults)
          .why("the model takes " + signature.inputs() + " and gives " + signature.outputs())
          .hint("correct them, or take them out of `examples:`");
    }
    return examples;
  }

  private void add(double tolerance, byte[] request, byte[] response) {
    String name = Labels.EXAMPLES_DIRECTORY + "/" + (cards.size() + 1);
    var card =
        new ModelCard.Example(
            name + ".request.json",
            name + ".response.json",
            tolerance,
            Digest.sha256(request).toString(),
            Digest.sha256(response).toString());
    cards.add(card);
    files.put(card.request(), request);
    files.put(card.response(), response);
  }

  private static String fault(Project project, Path file, String fault) {
    return "`%s`: %s".formatted(project.directory().relativize(file), fault);
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw Failure.of(ExitCode.MANIFEST, "the example `" + file + "` is larger than 64 MiB");
    }
    return Files.readAllBytes(file);
  }

  List<ModelCard.Example> cards() {
    return List.copyOf(cards);
  }

  void addTo(LayerWriter layer, String root) {
    files.forEach((name, content) -> layer.file(root + name, 0644, content));
  }

  private record Check(Signature signature, Set<String> unranked) {
    List<String> request(byte[] json) {
      var faults = new ArrayList<String>();
      try {
        InferenceRequest request = TensorJson.request(json);
        for (Tensor tensor : request.inputs()) {
          compare("input", tensor, signature.input(tensor.name()), faults);
        }
        for (TensorSpec wanted : signature.inputs()) {
          if (request.inputs().stream().noneMatch(t -> t.name().equals(wanted.name()))) {
            faults.add("the input `" + wanted.name() + "` is missing");
          }
        }
        for (String output : request.outputs()) {
          if (signature.output(output).isEmpty()) {
            faults.add("the model has no output `" + output + "`");
          }
        }
      } catch (MalformedException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      return faults;
    }

    List<String> response(byte[] json) {
      var faults = new ArrayList<String>();
      try {
        List<Tensor> outputs = TensorJson.outputs(json);
        if (outputs.isEmpty()) {
          faults.add("it expects no output at all");
        }
        for (Tensor tensor : outputs) {
          compare("output", tensor, signature.output(tensor.name()), faults);
        }
      } catch (MalformedException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      return faults;
    }

    private void compare(
        String kind, Tensor tensor, Optional<TensorSpec> declared, List<String> faults) {
      if (declared.isEmpty()) {
        faults.add("the model has no %s `%s`".formatted(kind, tensor.name()));
        return;
      }
      TensorSpec wanted = declared.get();
      boolean shapeFits = unranked.contains(wanted.name()) || tensor.shape().fits(wanted.shape());
      if (tensor.datatype() != wanted.datatype() || !shapeFits) {
        faults.add(
            "the %s `%s` is %s%s, the model has %s%s"
                .formatted(
                    kind,
                    tensor.name(),
                    tensor.datatype(),
                    tensor.shape(),
                    wanted.datatype(),
                    wanted.shape()));
      }
    }
  }
}
