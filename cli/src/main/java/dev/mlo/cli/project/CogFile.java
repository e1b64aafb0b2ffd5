package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import dev.mlo.contract.Printable;
import org.jspecify.annotations.Nullable;

/// A `cog.yaml` of Replicate's Cog, as `docs/yaml.md` and `config_schema_v1.0.json` of
/// `replicate/cog` describe it. It says how to build an image around Python code, and names no
/// model: the name and the concurrency carry over, the code does not.
final class CogFile {
  private static final String NO_CODE =
      "Python code, which the runner does not run; export the network it loads to ONNX";

  private CogFile() {}

  static void read(Mapping root, Carried carried) {
    for (Entry entry : root.entries()) {
      String key = entry.key().text();
      switch (key) {
        case "image" -> image(entry.value(), carried);
        case "concurrency" -> concurrency(entry.value(), carried);
        case "predict", "run", "train" -> carried.leave(key, NO_CODE);
        case "build" -> build(entry.value(), carried);
        case "environment" ->
            carried.leave(key, "variables are given to the runner: docker run -e NAME=VALUE");
        case "weights", "model" ->
            carried.leave(key, "weights are part of the ONNX model, or lie beside it");
        default -> carried.leave(key, "there is nothing like it in `mlops.yaml`");
      }
    }
    carried.advise(
        "cog.yaml names code, not a model; mlo serves ONNX and PMML models",
        "torch.onnx.export(model, example, \"model.onnx\") in the code that loads the weights,"
            + " and run the command again");
  }

  /// `HOST/PATH[:TAG]`; without a host it is a name on this machine only.
  private static void image(Yaml value, Carried carried) {
    if (!(value instanceof Scalar image)) {
      return;
    }
    String reference = image.text().strip().replaceFirst("@.*$", "");
    int slash = reference.lastIndexOf('/');
    int tag = reference.indexOf(':', slash + 1);
    String repository = tag < 0 ? reference : reference.substring(0, tag);
    carried.name("image (as a name)", repository.substring(repository.lastIndexOf('/') + 1));
    int first = repository.indexOf('/');
    String host = first < 0 ? "" : repository.substring(0, first);
    if (host.contains(".") || host.contains(":") || host.equals("localhost")) {
      carried.take(
          Carried.REPOSITORY, ManifestKeys.REPOSITORY, "image (as a repository)", repository);
    } else {
      carried.leave(
          "image (as a repository)", "`%s` names no registry".formatted(shown(repository)));
    }
  }

  private static void concurrency(Yaml value, Carried carried) {
    if (!(value instanceof Mapping concurrency)) {
      return;
    }
    for (Entry entry : concurrency.entries()) {
      String theirs = "concurrency." + entry.key().text();
      if (entry.key().text().equals("max") && entry.value() instanceof Scalar max && workers(max)) {
        carried.take(Carried.WORKERS, ManifestKeys.LINE, theirs, max.text());
      } else {
        carried.leave(theirs, "`serve.workers` takes a whole number from 1 to 1024");
      }
    }
  }

  private static boolean workers(Scalar max) {
    @Nullable Long number = max.type() == Yaml.ScalarType.WHOLE ? Numbers.whole(max.text()) : null;
    return number != null && number >= 1 && number <= 1024;
  }

  private static void build(Yaml value, Carried carried) {
    if (!(value instanceof Mapping build)) {
      return;
    }
    for (Entry entry : build.entries()) {
      String key = entry.key().text();
      String why =
          switch (key) {
            case "gpu", "cuda", "cudnn" -> "the runner infers on the processor";
            case "system_packages", "run", "pre_install" -> "nothing is installed into an image";
            default -> "an environment for Python, which the runner does not run";
          };
      carried.leave("build." + key, why);
    }
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return Printable.shortened(line, 100);
  }
}
