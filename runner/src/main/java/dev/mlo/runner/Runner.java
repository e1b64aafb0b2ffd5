package dev.mlo.runner;

import dev.mlo.contract.RunnerVariables;
import dev.mlo.contract.RunnerWords;
import dev.mlo.contract.Serving;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.VersionException;
import dev.mlo.runner.slot.BootException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;

/// The server inside every image. Exit codes: 0 asked to stop, 1 nothing to serve, 2 a variable
/// that makes no sense, 3 an address it cannot listen at.
public final class Runner {
  private Runner() {}

  public static void main(String[] arguments) throws InterruptedException {
    RunnerConfig config;
    try {
      config = RunnerConfig.from(System.getenv());
    } catch (RunnerConfig.InvalidException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(RunnerVariables.SENSELESS);
      return;
    }
    Service service;
    try {
      service = new Service(config, Backends.load(config.backendsDirectory()), System.err);
    } catch (IOException | VersionException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
      return;
    }
    Thread stop = new Thread(() -> stop(service), "mlo-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    if ("stdin".equals(System.getenv("MLO_BOUND"))) {
      Thread.ofPlatform().daemon().name("mlo-bound").start(Runner::endWithInput);
    }
    try {
      service.start();
    } catch (BindException e) {
      fail(e, service, stop, 3);
      return;
    } catch (IOException | BootException e) {
      fail(e, service, stop, 1);
      return;
    }
    announce(service);
    Thread.currentThread().join();
  }

  /// A runner that belongs to a command ends with it, however the command ends: the pipe between
  /// them breaks. Also while it still loads a model.
  private static void endWithInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("warning: standard input: " + e.getMessage());
    }
    System.exit(0);
  }

  /// On SIGTERM and SIGINT. The JVM would exit with 143; a drain that went well is a success. What
  /// was done is said last, to the command that started the runner too.
  private static void stop(Service service) {
    service.close();
    System.out.println(RunnerWords.stopped(service.answered()));
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void fail(Exception why, Service service, Thread stop, int code) {
    System.err.println("error: " + why.getMessage());
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // Somebody stops the process already.
      return;
    }
    service.close();
    System.exit(code);
  }

  private static void announce(Service service) {
    Serving serving = service.serving();
    System.out.println(
        RunnerWords.ready(
            "%s http://127.0.0.1:%d admin http://127.0.0.1:%d%s"
                .formatted(
                    serving == null ? "" : serving.model() + " " + serving.version(),
                    service.httpPort(),
                    service.adminPort(),
                    service.grpcPort() < 0 ? "" : " grpc 127.0.0.1:" + service.grpcPort())));
    System.out.flush();
  }

  static String version() {
    try (InputStream in = Runner.class.getResourceAsStream("version")) {
      return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
