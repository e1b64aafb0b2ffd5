package dev.mlo.cli.doctor;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Looks at everything `mlo` stands on: the installation, the disk, the project with its store and
/// ledger, the registries, the engine, the surroundings. All at once, and nothing is changed.
public final class Doctor {
  /// Hashing everything takes as long as it takes.
  private static final Duration DEEP = Duration.ofHours(1);

  /// Of the codes that failed checks have, the first one that stands here is that of the command.
  private static final List<ExitCode> WORST_FIRST =
      List.of(
          ExitCode.INTEGRITY,
          ExitCode.UNEXPECTED,
          ExitCode.CONFLICT,
          ExitCode.MANIFEST,
          ExitCode.DENIED,
          ExitCode.NOT_FOUND,
          ExitCode.NETWORK,
          ExitCode.DRIFT);

  /// @param directory the project's; there may be none
  /// @param registries beside those of the manifest: `HOST/REPOSITORY`
  /// @param deep hash every byte of the stores
  public record Request(
      Path directory, List<String> registries, boolean deep, Map<String, String> environment) {
    public Request {
      registries = List.copyOf(registries);
      environment = Map.copyOf(environment);
    }
  }

  /// @param checks in the order in which they are asked
  public record Result(List<Check> checks) {
    public Result {
      checks = List.copyOf(checks);
    }

    /// `DONE` where nothing failed, else the code of the worst.
    public ExitCode code() {
      Set<ExitCode> codes = new LinkedHashSet<>();
      for (Check check : checks) {
        if (check instanceof Check.Broken broken) {
          codes.add(broken.code());
        }
      }
      return WORST_FIRST.stream()
          .filter(codes::contains)
          .findFirst()
          .orElse(codes.isEmpty() ? ExitCode.DONE : ExitCode.UNEXPECTED);
    }
  }

  private final Installation installation;

  public Doctor(Installation installation) {
    this.installation = installation;
  }

  /// @throws Failure USAGE when a registry is no name of one
  public Result examine(Request request) throws IOException {
    List<RegistryQuestion> named =
        request.registries.stream().map(RegistryQuestion::parse).toList();
    var questions = new ArrayList<Question>();
    var inhouse = new InstallationQuestions(installation, request.deep);
    questions.add(Question.of("Java", inhouse::java));
    questions.add(Question.of("installation", inhouse::files));
    questions.add(new Question("runner image", limit(request), inhouse::runnerImage));
    var surroundings = new SurroundingQuestions(installation, request.environment);
    questions.add(Question.of("command", surroundings::command));
    questions.add(Question.of("locale", surroundings::locale));
    questions.add(Question.of("proxies", surroundings::proxies));
    questions.add(Question.of("Docker Engine", surroundings::engine));

    var checks = new ArrayList<Check>();
    @Nullable Project project = project(request, checks);
    Path directory =
        project == null ? request.directory.toAbsolutePath().normalize() : project.directory();
    var disk = new DiskQuestions(directory, project, request.environment);
    questions.add(Question.of("disk", disk::space));
    questions.add(Question.of("durability", disk::durability));
    var stores = new StoreQuestions(directory, project, request.deep);
    questions.add(new Question("store", limit(request), stores::stores));
    if (project != null) {
      var ledger = new ProjectQuestions(project);
      questions.add(Question.of("ledger", ledger::ledger));
      questions.add(Question.of("environments", ledger::environments));
      questions.add(Question.of("git", ledger::git));
    }
    registries(project, named)
        .forEach(registry -> questions.add(registry.question(request.environment)));
    checks.addAll(ask(questions));
    return new Result(checks);
  }

  private static Duration limit(Request request) {
    return request.deep ? DEEP : Question.USUAL;
  }

  private static @Nullable Project project(Request request, List<Check> checks) {
    Path directory = request.directory;
    if (Files.isDirectory(directory) && !Files.exists(directory.resolve(ProjectReader.MANIFEST))) {
      checks.add(
          new Check.Doubtful(
              "project", "no %s here".formatted(ProjectReader.MANIFEST), "mlo init"));
      return null;
    }
    try {
      Project project = ProjectReader.read(directory);
      checks.add(
          new Check.Fine(
              "project",
              "%s: %s, %d environments"
                  .formatted(
                      project.manifest().getFileName(),
                      project.name(),
                      project.environments().size())));
      return project;
    } catch (Failure e) {
      checks.add(broken("project", e.hint() == null ? e.hint("mlo validate") : e));
      return null;
    }
  }

  private static Set<RegistryQuestion> registries(
      @Nullable Project project, List<RegistryQuestion> named) {
    var all = new LinkedHashSet<RegistryQuestion>();
    @Nullable String repository = project == null ? null : project.image().repository();
    if (repository != null) {
      all.add(RegistryQuestion.parse(repository));
    }
    all.addAll(named);
    return all;
  }

  static List<Check> ask(List<Question> questions) throws IOException {
    var checks = new ArrayList<Check>();
    // Not closed: that would wait for those that do not answer. Whoever hashes or waits for a disk
    // keeps a virtual thread's carrier, of which there may be one, from all the others.
    ExecutorService all =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());
    try {
      long started = System.nanoTime();
      List<Future<List<Check>>> answers =
          questions.stream().map(question -> all.submit(question.answer())).toList();
      for (int i = 0; i < answers.size(); i++) {
        checks.addAll(answer(questions.get(i), answers.get(i), started));
      }
    } finally {
      all.shutdownNow();
    }
    return checks;
  }

  private static List<Check> answer(Question question, Future<List<Check>> answer, long started)
      throws IOException {
    long left = question.limit().toNanos() - (System.nanoTime() - started);
    try {
      return answer.get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return List.of(
          new Check.Broken(
              question.name(),
              "no answer within %d s".formatted(question.limit().toSeconds()),
              "mlo doctor   (again; a slow disk or network shows so too)",
              ExitCode.NETWORK));
    } catch (ExecutionException e) {
      return List.of(explain(question.name(), e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  /// What the failure of a look means.
  static Check explain(String name, @Nullable Throwable failure) {
    return switch (failure) {
      case Failure known -> broken(name, known);
      case OciException oci -> {
        ExitCode code =
            switch (oci) {
              case DeniedException _ -> ExitCode.DENIED;
              case UnavailableException _ -> ExitCode.NETWORK;
              case NotFoundException _ -> ExitCode.NOT_FOUND;
              case DigestMismatchException _, DocumentException _ -> ExitCode.INTEGRITY;
              default -> ExitCode.UNEXPECTED;
            };
        String fix = oci instanceof DeniedException denied ? denied.remedy() : "mlo doctor --debug";
        yield new Check.Broken(name, line(oci), fix, code);
      }
      case null -> new Check.Broken(name, "no answer", "mlo doctor", ExitCode.UNEXPECTED);
      default -> new Check.Broken(name, line(failure), "mlo doctor --debug", ExitCode.UNEXPECTED);
    };
  }

  static String line(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .findFirst()
        .orElse(failure.getClass().getSimpleName());
  }

  private static Check.Broken broken(String name, Failure failure) {
    String why = failure.why().isEmpty() ? "" : ": " + failure.why().getFirst();
    String hint = failure.hint() == null ? "mlo doctor --debug" : failure.hint();
    return new Check.Broken(name, failure.what() + why, hint, failure.code());
  }
}
