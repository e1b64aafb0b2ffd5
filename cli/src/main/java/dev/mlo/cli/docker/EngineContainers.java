package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Makes, finds and removes containers. What runs in one may do as little as possible: its root
/// file system is read-only, it has no capabilities and cannot get any.
public final class EngineContainers {
  private final DockerClient client;

  EngineContainers(DockerClient client) {
    this.client = client;
  }

  /// A port of the container and where it is published.
  ///
  /// @param at 0: any free one
  public record Port(int inside, String host, int at) {}

  /// @param image an id
  /// @param user user and group, as numbers
  /// @param state the directory that can be written; it lives as long as the container
  /// @param secrets by file name in that directory; readable by the user alone
  public record Wanted(
      String name,
      String image,
      int user,
      Map<String, String> environment,
      Map<String, String> labels,
      String state,
      Map<String, byte[]> secrets,
      List<Port> ports) {
    public Wanted {
      environment = Map.copyOf(environment);
      labels = Map.copyOf(labels);
      secrets = Map.copyOf(secrets);
      ports = List.copyOf(ports);
    }
  }

  /// A container that is not started yet.
  public EngineContainer create(Wanted wanted) throws IOException {
    CreateContainerResponse created =
        Uninterrupted.call(
            () -> EngineFailures.told("make a container of " + wanted.image(), () -> make(wanted)));
    EngineContainer container = new EngineContainer(client, created.getId());
    boolean whole = false;
    try {
      SecretFiles files = new SecretFiles(wanted.user(), wanted.secrets());
      EngineFailures.told(
          "put the token into its container",
          () ->
              client
                  .copyArchiveToContainerCmd(created.getId())
                  .withRemotePath(wanted.state())
                  .withTarInputStream(files.tar())
                  .exec());
      whole = true;
      return container;
    } finally {
      if (!whole) {
        container.close();
      }
    }
  }

  private CreateContainerResponse make(Wanted wanted) {
    var ports = new ArrayList<PortBinding>();
    for (Port port : wanted.ports()) {
      String at = port.at() == 0 ? "" : String.valueOf(port.at());
      ports.add(
          new PortBinding(new Ports.Binding(port.host(), at), ExposedPort.tcp(port.inside())));
    }
    return client
        .createContainerCmd(wanted.image())
        .withName(wanted.name())
        .withUser(wanted.user() + ":" + wanted.user())
        .withEnv(
            wanted.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .sorted()
                .toList())
        .withLabels(wanted.labels())
        .withExposedPorts(ports.stream().map(PortBinding::getExposedPort).toList())
        .withVolumes(new Volume(wanted.state()))
        .withStdinOpen(true)
        .withStdInOnce(true)
        .withAttachStdin(true)
        .withHostConfig(
            HostConfig.newHostConfig()
                .withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withPortBindings(ports))
        .exec();
  }

  /// The labels of all containers that have this one, running or not, by the container's id.
  public Map<String, Map<String, String>> labelled(String label) throws IOException {
    List<Container> found =
        EngineFailures.told(
            "list its containers",
            () ->
                client
                    .listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(List.of(label))
                    .exec());
    var labels = new java.util.LinkedHashMap<String, Map<String, String>>();
    for (Container container : found) {
      labels.put(container.getId(), Map.copyOf(container.getLabels()));
    }
    return labels;
  }

  /// Ends and removes a container with all it wrote; one that is gone is fine.
  public void remove(String id) throws IOException {
    EngineFailures.told(
        "remove the container " + id,
        () -> {
          try {
            client.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
          } catch (NotFoundException e) {
            return false;
          }
          return true;
        });
  }
}
