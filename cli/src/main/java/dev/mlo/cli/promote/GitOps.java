package dev.mlo.cli.promote;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a cluster reads: the releases of one environment pinned by digest, as a Kustomize component
/// and as Helm values.
final class GitOps {
  private static final String NOTE =
      "# Written by mlo; `mlo promote` and `mlo rollback` change it.\n";

  private GitOps() {}

  /// The files by their path in the ledger.
  static Map<String, byte[]> render(String environment, Collection<EnvironmentRecord> records) {
    List<EnvironmentRecord> sorted =
        records.stream().sorted(Comparator.comparing(EnvironmentRecord::model)).toList();
    var files = new TreeMap<String, byte[]>();
    String folder = "gitops/" + environment + "/";
    files.put(folder + "kustomization.yaml", kustomization(sorted));
    files.put(folder + "values.yaml", values(sorted));
    return files;
  }

  private static byte[] kustomization(List<EnvironmentRecord> records) {
    var text = new StringBuilder(NOTE);
    text.append("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n");
    for (EnvironmentRecord record : records) {
      text.append("  - name: ").append(quoted(record.model())).append('\n');
      if (record.repository() != null) {
        text.append("    newName: ").append(quoted(record.repository())).append('\n');
      }
      text.append("    digest: ").append(quoted(record.current().digest().toString())).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] values(List<EnvironmentRecord> records) {
    var text = new StringBuilder(NOTE).append("models:\n");
    for (EnvironmentRecord record : records) {
      String repository = record.repository() == null ? record.model() : record.repository();
      text.append("  ").append(quoted(record.model())).append(":\n");
      text.append("    repository: ").append(quoted(repository)).append('\n');
      text.append("    version: ").append(quoted(record.current().version())).append('\n');
      text.append("    digest: ").append(quoted(record.current().digest().toString())).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// A YAML double-quoted scalar; a version such as `1.0` must stay text.
  private static String quoted(String text) {
    return '"' + text.replaceAll("[\\\\\"\\p{Cntrl}]", "") + '"';
  }
}
