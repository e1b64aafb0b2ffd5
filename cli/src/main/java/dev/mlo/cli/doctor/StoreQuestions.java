package dev.mlo.cli.doctor;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.Workspace;
import dev.mlo.oci.LayoutCheck;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether all images of the project's store and of its environments are whole.
record StoreQuestions(Path directory, @Nullable Project project, boolean deep) {
  List<Check> stores() throws IOException {
    Map<String, Path> places = new LinkedHashMap<>();
    places.put("store", Workspace.of(directory).store());
    if (project != null) {
      for (Environment environment : project.environments()) {
        places.put("store of " + environment.name(), environment.store());
      }
    }
    var checks = new ArrayList<Check>();
    for (var place : places.entrySet()) {
      checks.addAll(store(place.getKey(), place.getValue()));
    }
    return checks;
  }

  private List<Check> store(String name, Path place) throws IOException {
    LayoutCheck found;
    try {
      found = LayoutCheck.of(place, deep);
    } catch (NotFoundException e) {
      return name.equals("store")
          ? List.of(new Check.Fine(name, "nothing was built here yet"))
          : List.of();
    } catch (OciException e) {
      return List.of(Doctor.explain(name, e));
    }
    var checks = new ArrayList<Check>();
    if (found.faults().isEmpty()) {
      checks.add(
          new Check.Fine(
              name,
              "%d entries, %d blobs, all there%s"
                  .formatted(found.images(), found.blobs(), deep ? " and hashed" : "")));
    } else {
      int more = found.faults().size() - 1;
      checks.add(
          new Check.Broken(
              name,
              found.faults().getFirst() + (more == 0 ? "" : ", and %d more".formatted(more)),
              name.equals("store")
                  ? "mlo build, or mlo pull REF: what is damaged is written again"
                  : "mlo promote --to " + name.substring("store of ".length()),
              ExitCode.INTEGRITY));
    }
    if (!found.abandoned().isEmpty()) {
      checks.add(
          new Check.Doubtful(
              name,
              "%d temporary files of killed runs in %s".formatted(found.abandoned().size(), place),
              "mlo gc"));
    }
    return checks;
  }
}
