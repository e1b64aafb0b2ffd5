package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.Installation;
import dev.mlo.contract.Labels;
import dev.mlo.contract.RunnerJava;
import dev.mlo.json.Json;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// How a container engine starts the runner, whatever the image stands on.
final class RunConfig {
  /// The user and the group that everything runs as.
  static final int USER = 65532;

  /// Where the Java of the installation goes.
  private static final String OWN_JAVA = "/opt/mlo/jre";

  /// Variables of a base that would change what the loader loads, which locale is used, what Java
  /// or the runner does, or that speak of a Java and a user that are not the ones here.
  private static final Pattern NOT_INHERITED =
      Pattern.compile(
          "PATH|HOME|USER|SHELL|TMPDIR|LANG|LANGUAGE|LC_.*|LD_.*|GCONV_PATH|LOCPATH|GLIBC_TUNABLES"
              + "|_?JAVA_.*|JDK_.*|JRE_.*|CLASSPATH|MLO_.*|ORT_.*");

  /// Labels that name and describe the base itself; on a model's image they would be wrong.
  private static final Pattern NOT_OF_MODELS =
      Pattern.compile("org\\.opencontainers\\.image\\..*|org\\.label-schema\\..*|dev\\.mlo\\..*");

  private RunConfig() {}

  /// @param archived whether the runner brings its class-data archive
  static ObjectNode on(Foundation foundation, boolean archived) {
    String home = foundation.java() == null ? OWN_JAVA : foundation.java().home();
    ObjectNode run = Json.object();
    run.put("User", USER + ":" + USER);
    run.putObject("ExposedPorts").putObject("8080/tcp");
    run.withObject("/ExposedPorts").putObject("8081/tcp");
    run.withObject("/ExposedPorts").putObject("8082/tcp");
    ArrayNode environment =
        run.putArray("Env")
            .add("PATH=%s/bin:/usr/local/bin:/usr/bin:/bin".formatted(home))
            .add("LANG=C.UTF-8")
            .add("ORT_DISABLE_TELEMETRY=1");
    foundation.environment().forEach(environment::add);
    ArrayNode entrypoint = run.putArray("Entrypoint").add(home + "/bin/java");
    new RunnerJava("/opt/mlo/runner", archived, "/dev/shm").arguments().forEach(entrypoint::add);
    run.putObject("Volumes").putObject("/var/lib/mlo");
    run.put("WorkingDir", "/");
    ObjectNode labels = run.putObject("Labels").put(Labels.RUNNER_VERSION, Installation.version());
    foundation.labels().forEach(labels::put);
    return run;
  }

  /// The variables of a base that do no harm.
  static List<String> environmentOf(ImageConfig base) {
    return base.environment().stream()
        .filter(variable -> variable.indexOf('=') > 0)
        .filter(variable ->
            !NOT_INHERITED.matcher(variable.substring(0, variable.indexOf('='))).matches())
        .toList();
  }

  /// The labels of a base that are as true of an image on it.
  static Map<String, String> labelsOf(ImageConfig base) throws DocumentException {
    var labels = new LinkedHashMap<>(base.labels());
    labels.keySet().removeIf(name -> NOT_OF_MODELS.matcher(name).matches());
    return labels;
  }
}
