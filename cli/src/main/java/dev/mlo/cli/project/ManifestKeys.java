package dev.mlo.cli.project;

import static dev.mlo.cli.project.Key.later;
import static dev.mlo.cli.project.Key.optional;
import static dev.mlo.cli.project.Key.required;

import dev.mlo.cli.project.Kind.Choice;
import dev.mlo.cli.project.Kind.Either;
import dev.mlo.cli.project.Kind.Free;
import dev.mlo.cli.project.Kind.ListOf;
import dev.mlo.cli.project.Kind.MapOf;
import dev.mlo.cli.project.Kind.Real;
import dev.mlo.cli.project.Kind.Section;
import dev.mlo.cli.project.Kind.Text;
import dev.mlo.cli.project.Kind.Whole;
import dev.mlo.contract.DataType;
import java.util.Arrays;
import java.util.List;

/// Every key that `mlops.yaml` takes: what the parser checks, `mlo schema` prints and the reference
/// page lists.
final class ManifestKeys {
  /// RFC 1123.
  static final Text NAME =
      Text.of(
          "a DNS label: lower-case letters, digits and `-`, at most 63, no `-` at either end",
          "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /// The OCI distribution specification's grammar of tags.
  static final Text TAG =
      Text.of(
          "a version that can be an image tag: letters, digits, `.`, `_`, `-`, at most 128, the"
              + " first no `.` or `-`",
          "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  static final Text PATH =
      Text.of(
          "a path inside the project, relative to the manifest",
          "(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f\\\\]{1,1024}");

  static final Text DURATION =
      Text.of("a duration like `250ms`, `10s`, `2m` or `24h`", "[0-9]{1,9}(ms|s|m|h)");
  static final Text SIZE =
      Text.of("a size like `64MiB`, `512KiB` or `1GB`", "[0-9]{1,9}(B|kB|KB|MB|GB|KiB|MiB|GiB)");
  static final Text LINE = Text.of("text of one line", "[^\\u0000-\\u001f\\u007f]{1,1000}");
  static final Text PROSE = Text.of("text", "[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]{1,4000}");
  static final Text WORD =
      Text.of(
          "letters, digits, `.`, `_`, `/` and `-`, at most 253, starting with a letter or digit",
          "[A-Za-z0-9][A-Za-z0-9._/-]{0,252}");
  static final Text REPOSITORY =
      Text.of(
          "a repository like `registry.example.com/ml/fraud-scorer`, without tag or digest",
          "[a-zA-Z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+");
  private static final Text REFERENCE =
      Text.of("`default` or an image reference", "[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}");
  private static final Text STORE =
      Text.of("a directory or `oci:DIRECTORY`", "[^\\u0000-\\u001f\\u007f]{1,1024}");
  private static final Text DIRECTORY =
      Text.of("a directory", "(?!oci:)[^\\u0000-\\u001f\\u007f]{1,1024}");
  private static final Text URL =
      Text.of(
          "a URL like `https://fraud-1.prod:8082`",
          "https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?/?|https?://\\[[0-9a-fA-F:.]+\\](:[0-9]{1,5})?/?");

  private static final Section TENSOR =
      Section.of(
          required("name", LINE, "As the model calls it."),
          required(
              "datatype",
              new Choice(Arrays.stream(DataType.values()).map(Enum::name).toList(), List.of()),
              "A datatype of the Open Inference Protocol."),
          required(
              "shape",
              new ListOf(new Whole(-1, Integer.MAX_VALUE), "a list of lengths"),
              "The length of each dimension; -1 for any length."));

  private static final Section MODEL =
      Section.of(
          required(
              "path",
              PATH,
              "The model: a file, or a directory with everything the model needs. Links may not"
                  + " lead out of the project."),
          optional(
              "format",
              new Choice(List.of("onnx", "pmml"), List.of("xgboost", "lightgbm", "python")),
              "detected",
              "The engine that opens it."),
          optional(
              "exclude",
              new ListOf(LINE, "a list of patterns"),
              "nothing",
              "Files of a model directory that are left out, as glob patterns relative to it; the"
                  + " file `.mloignore` leaves out more."),
          optional(
              "inputs",
              new ListOf(TENSOR, "a list of inputs"),
              "read from the model",
              "What a request holds. Checked against the model; may be narrower, not different."),
          optional(
              "outputs",
              new ListOf(TENSOR, "a list of outputs"),
              "read from the model",
              "What an answer holds. Checked against the model like `inputs`."),
          optional(
              "parameters",
              new MapOf(WORD, new Free(), "keys and values"),
              "none",
              "Anything a client should know of the model, such as a threshold."));

  private static final Section EXAMPLE =
      Section.of(
          required("request", PATH, "A request of the Open Inference Protocol, as a JSON file."),
          required("response", PATH, "The answer that is expected, as a JSON file."),
          optional(
              "tolerance",
              new Real(0),
              "1e-5",
              "How far a number may be from the expected one, relative to the larger of 1 and its"
                  + " magnitude."));

  private static final Section PROVENANCE =
      Section.of(
          optional(
              "data",
              new ListOf(
                  Section.of(
                      required("name", LINE, "What the data are called."),
                      required("path", PATH, "The file; its digest is computed.")),
                  "a list of data sets"),
              "none",
              "What the model was trained on."),
          optional(
              "metrics",
              new Either(
                  PATH, new MapOf(WORD, new Real(Double.NEGATIVE_INFINITY), "names and numbers")),
              "none",
              "How good the model is: numbers, or a JSON file that holds them."),
          optional(
              "training",
              Section.of(
                  optional("command", LINE, "none", "The command that made the model."),
                  optional("run", LINE, "none", "The run in an experiment tracker.")),
              "none",
              "How the model was made."));

  private static final Section SERVE =
      Section.of(
          optional(
              "workers",
              new Either(Choice.of("auto"), new Whole(1, 1024)),
              "`auto`: as many as the machine has processors",
              "Threads that infer."),
          optional(
              "queue",
              new Whole(1, 1_000_000),
              "256",
              "Requests that may wait for a worker before more are refused."),
          optional("timeout", DURATION, "10s", "The longest a request may take, up to 24h."),
          optional("max-request", SIZE, "64MiB", "The largest request body, from 1KiB to 2GiB."),
          optional(
              "batching",
              Section.of(
                  optional("max", new Whole(2, 4096), "32", "Examples in one inference."),
                  optional(
                      "delay",
                      DURATION,
                      "2ms",
                      "How long the first request waits for others, up to 1s; `0ms`: for those only"
                          + " that wait already.")),
              "none",
              "Several requests in one inference, for models whose inputs and outputs all begin"
                  + " with a dimension that counts examples."));

  private static final Section IMAGE =
      Section.of(
          optional("repository", REPOSITORY, "none", "Where `mlo push` sends to."),
          optional(
              "runner",
              REFERENCE,
              "`default`: the one in use here",
              "The shared runner image, pinned by its digest; `mlo runner use` fetches it."),
          optional(
              "platforms",
              new ListOf(Choice.of("linux/amd64", "linux/arm64"), "a list of platforms"),
              "this machine's",
              "What the image runs on; of several, an index is made whose images share the model."
                  + " There must be a runner image for each: `mlo runner build --platform`."));

  private static final Section GATES =
      Section.of(
          optional(
              "tests",
              Choice.of("required", "off"),
              "`required` after the first environment",
              "Whether a passing test result for the digest is asked for."),
          later("metrics", "Conditions on the model's metrics."),
          later("signature", "Signatures by given keys."),
          later("soak", "Time in the environment before."),
          later("approvals", "People who must agree."),
          later("freeze", "Times when nothing is promoted."));

  private static final Section ENVIRONMENT =
      Section.of(
          optional(
              "store",
              STORE,
              "`.mlo/envs/NAME`",
              "The OCI layout that holds its images: a directory, also outside the project, or"
                  + " `oci:DIRECTORY`. Registries are not supported yet."),
          optional(
              "after",
              NAME,
              "the environment written before it",
              "The environment a version must have been in before."),
          optional("gates", GATES, "see below", "What a promotion must pass besides."),
          optional(
              "runners",
              new ListOf(URL, "a list of URLs"),
              "none",
              "The admin URLs of the runners that serve it."));

  /// The document.
  static final Section ROOT =
      Section.of(
          optional("schema", Choice.of("mlo/v1"), "mlo/v1", "The version of this format."),
          required("name", NAME, "What the model, its image and its service are called."),
          optional(
              "version",
              TAG,
              "`git describe`, else the first 12 hex digits of the content's digest",
              "Text; quote it when it looks like a number. No name of an environment."),
          optional("description", PROSE, "none", "What the model does."),
          optional("license", LINE, "none", "An SPDX expression."),
          optional("authors", new ListOf(LINE, "a list of people"), "none", "Who answers for it."),
          optional(
              "labels",
              new MapOf(WORD, LINE, "names and texts"),
              "none",
              "Your own words about the model; they are in the image."),
          required("model", new Either(PATH, MODEL), "The model, or just the path of its file."),
          optional(
              "examples",
              new ListOf(EXAMPLE, "a list of examples"),
              "none",
              "Golden requests: for `mlo test`, the check before every swap, and warm-up."),
          optional("provenance", PROVENANCE, "none", "Where the model comes from."),
          optional("serve", SERVE, "the defaults", "How the runner serves it."),
          optional("image", IMAGE, "the defaults", "Where and how, not what: outside the digest."),
          optional(
              "environments",
              new MapOf(NAME, ENVIRONMENT, "names of environments"),
              "dev, test and prod as directories below `.mlo/envs`",
              "The places a version is promoted through, in this order; outside the digest."),
          optional(
              "ledger",
              new Either(
                  DIRECTORY,
                  Section.of(
                      optional(
                          "git",
                          DIRECTORY,
                          "`.mlo/ledger.git`",
                          "A directory. Remote repositories are not supported yet."),
                      later("branch", "The branch the ledger is on."))),
              "`.mlo/ledger.git`",
              "The bare git repository that records promotions."));

  private ManifestKeys() {}
}
