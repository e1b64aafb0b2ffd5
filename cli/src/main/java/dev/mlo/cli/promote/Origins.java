package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a release is taken from. A name is looked at once, here.
record Origins(Project project, Ledger ledger, Environments environments) {
  static Origins of(Project project, Ledger ledger) {
    return new Origins(project, ledger, new Environments(project));
  }

  Candidate.Origin find(Promotion wanted, Environment target) throws IOException {
    @Nullable String image = wanted.image();
    @Nullable String from = wanted.from() == null ? target.after() : wanted.from();
    if (from == null) {
      return inProject(image == null ? projectsVersion() : reference(image));
    }
    Environment before = environments.named(from);
    if (image == null) {
      return current(before, target);
    }
    return wanted.from() != null
        ? in(before.store(), before.name(), reference(image))
        : named(reference(image), before, target);
  }

  /// The environment before, then the project's own store, so that a release which skips an
  /// environment meets the gate that says so; then the target itself.
  private Candidate.Origin named(String reference, Environment before, Environment target)
      throws IOException {
    Optional<Candidate.Origin> there = look(before.store(), before.name(), reference);
    if (there.isPresent()) {
      return there.get();
    }
    there = look(project.workspace().store(), Candidate.Origin.PROJECT, reference);
    if (there.isPresent()) {
      return there.get();
    }
    there = look(target.store(), target.name(), reference);
    return there.isPresent() ? there.get() : in(before.store(), before.name(), reference);
  }

  /// What an environment should be by the ledger, which decides, whatever its pointer says.
  private Candidate.Origin current(Environment before, Environment target) throws IOException {
    EnvironmentRecord record =
        ledger
            .record(project.name(), before.name())
            .orElseThrow(() ->
                Failure.of(ExitCode.REFUSED, "nothing to promote to `%s`".formatted(target.name()))
                    .why(
                        "previous environment: nothing was promoted to `%s` yet"
                            .formatted(before.name()))
                    .hint("mlo promote --to " + before.name()));
    return in(before.store(), before.name(), record.current().digest().toString());
  }

  private Candidate.Origin inProject(String reference) throws IOException {
    try {
      return in(project.workspace().store(), Candidate.Origin.PROJECT, reference);
    } catch (NotFoundException e) {
      throw Failure.of(ExitCode.NOT_FOUND, "there is no image `%s`".formatted(reference))
          .why(String.valueOf(e.getMessage()))
          .hint("mlo build")
          .cause(e);
    }
  }

  /// The version `mlops.yaml` gives; where it gives none, the only image of the project.
  private String projectsVersion() throws IOException {
    if (project.version() != null) {
      return project.name() + ":" + project.version();
    }
    List<String> built = built();
    return switch (built.size()) {
      case 0 ->
          throw Failure.of(ExitCode.NOT_FOUND, "nothing is built yet")
              .why("`%s` has no image of %s".formatted(project.workspace().store(), project.name()))
              .hint("mlo build");
      case 1 -> built.getFirst();
      default ->
          throw Failure.of(ExitCode.USAGE, "which image is to be promoted?")
              .why("mlops.yaml gives no version, and there are " + String.join(", ", built))
              .hint("mlo promote %s --to …".formatted(built.getLast()));
    };
  }

  private List<String> built() throws IOException {
    Path store = project.workspace().store();
    try {
      return LayoutStore.open(store).tags().keySet().stream()
          .filter(name -> name.startsWith(project.name() + ":"))
          .toList();
    } catch (NotFoundException e) {
      return List.of();
    }
  }

  /// `iris:1.0.0` as it is; `1.0.0` and `sha256:…` of this project; `iris@sha256:…` by its digest.
  private String reference(String image) {
    int at = image.indexOf('@');
    if (at >= 0) {
      String digest = image.substring(at + 1);
      if (!Digest.isDigest(digest)) {
        throw Failure.of(ExitCode.USAGE, "`%s` is no digest".formatted(digest))
            .hint("give NAME:VERSION or NAME@sha256:…");
      }
      return digest;
    }
    if (Digest.isDigest(image) || image.indexOf(':') >= 0) {
      return image;
    }
    return project.name() + ":" + image;
  }

  private Optional<Candidate.Origin> look(Path store, String name, String reference)
      throws IOException {
    try {
      return Optional.of(in(store, name, reference));
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  static Candidate.Origin in(Path store, String name, String reference) throws IOException {
    LayoutStore layout = LayoutStore.open(store);
    return new Candidate.Origin(layout, name, layout.resolve(reference));
  }
}
