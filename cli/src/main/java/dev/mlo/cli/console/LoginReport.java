package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.registry.Login;
import dev.mlo.json.Json;
import dev.mlo.oci.registry.Keyring;

/// What `mlo login` did, or would do.
public record LoginReport(Login.Result result) implements Report {
  @Override
  public void text(Page page) {
    page.line(
        page.style()
            .bold(
                "%s %s at %s"
                    .formatted(
                        result.dryRun() ? "would log in" : "logged in",
                        result.user(),
                        result.host())));
    if (!result.asked()) {
      page.line("the registry lets everybody in: it said nothing of the password");
    }
    switch (result.place()) {
      case Keyring.Place.InProgram program -> page.line("kept by " + program);
      case Keyring.Place.InFile file ->
          page.line(
              "kept in %s, readable by you only, but not encrypted; `credsStore` there names a"
                      .formatted(file)
                  + " program that keeps it safer");
    }
  }

  @Override
  public ObjectNode json() {
    return Json.object()
        .put("registry", result.host())
        .put("user", result.user())
        .put("checked", result.asked())
        .put("kept", result.place().toString())
        .put("dryRun", result.dryRun());
  }

  @Override
  public String brief() {
    return result.host();
  }
}
