package dev.mlo;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
  /// The one class that every room of the command may look at: it only says where things are.
  private static final String INSTALLATION = "dev.mlo.cli.Installation";

  /// Maven keeps tests apart from the code, an editor may not.
  private static final Pattern TESTS = Pattern.compile(".*Test(\\$[^/]*)?\\.class");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.matches(TESTS))
          .importPackages("dev.mlo")
          .that(resideOutsideOfPackages("dev.mlo", "dev.mlo.acceptance"));

  private static final PackageTable TABLE =
      PackageTable.read(Path.of(System.getProperty("mlo.root", ".")).resolve("ARCHITECTURE.md"));

  @TestFactory
  Stream<DynamicTest> everyPackageUsesOnlyWhatTheTableAllows() {
    return TABLE.rows().entrySet().stream()
        .map(row -> dynamicTest(row.getKey(), () -> allows(row.getKey(), row.getValue())));
  }

  private static void allows(String from, Set<String> allowed) {
    classes()
        .that()
        .resideInAPackage("dev.mlo." + from)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed.toArray(String[]::new))
                .or(from.startsWith("cli.") ? name(INSTALLATION) : name("none")))
        .because(
            "ARCHITECTURE.md allows " + from + " these arrows only; change the table with a reason")
        .check(CODE);
  }

  @Test
  void everyPackageIsInTheTable() {
    Set<String> packages = new TreeSet<>();
    CODE.forEach(type -> packages.add(type.getPackageName()));
    Set<String> known = new TreeSet<>(Set.of("dev.mlo.cli"));
    TABLE.rows().keySet().forEach(name -> known.add("dev.mlo." + name));

    assertThat(known).as("a package without a row has no arrows to hold").isEqualTo(packages);
  }

  @Test
  void noPackagesFormACycle() {
    slices()
        .matching("dev.mlo.(**)")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(alwaysTrue(), name(INSTALLATION))
        .because("what forms a cycle can only be understood, tested and changed as one")
        .check(CODE);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass type : CODE) {
      JavaPackage home = type.getPackage();
      if (!home.isAnnotatedWith(NullMarked.class)) {
        unmarked.add(home.getName());
      }
    }

    assertThat(unmarked).as("NullAway silently checks nothing in a package without it").isEmpty();
  }

  @Test
  void picocliIsKnownToCommandsOnly() {
    onlyIn("picocli..", "how words become requests is one room's business", "dev.mlo.cli.command");
  }

  @Test
  void gitIsKnownToTheLedgerAndTheProjectOnly() {
    onlyIn(
        "org.eclipse.jgit..",
        "the ledger and where a build comes from are all that git is for",
        "dev.mlo.cli.project",
        "dev.mlo.cli.promote");
  }

  @Test
  void dockerIsKnownInOneRoomOnly() {
    onlyIn("com.github.dockerjava..", "others ask for an engine", "dev.mlo.cli.docker");
  }

  @Test
  void anEngineIsKnownToItsBackendOnly() {
    onlyIn("ai.onnxruntime..", "engines are plugged in", "dev.mlo.backend.onnx");
    onlyIn("org.pmml4s..", "engines are plugged in", "dev.mlo.backend.pmml");
    onlyIn("scala..", "the engine brings it along for itself", "dev.mlo.backend.pmml");
  }

  @Test
  void grpcIsKnownToItsPortOnly() {
    onlyIn("io.grpc..", "an inference is the same by any protocol", "dev.mlo.runner.grpc");
    onlyIn("io.netty..", "it carries gRPC and nothing else", "dev.mlo.runner.grpc");
  }

  private static void onlyIn(String library, String reason, String... rooms) {
    noClasses()
        .that()
        .resideOutsideOfPackages(rooms)
        .and()
        .doNotHaveFullyQualifiedName("dev.mlo.cli.Mlo")
        .should()
        .dependOnClassesThat(resideInAPackage(library))
        .because(reason)
        .check(CODE);
  }

  @Test
  void onlyTheConsoleAndTheMainClassesTouchTheStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.mlo.cli.console")
        .and()
        .haveNameNotMatching("dev\\.mlo\\.(cli\\.(Mlo|Rehearsal)|runner\\.Runner)")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .because("stdout carries the result and nothing else; use cases tell a log what happens")
        .check(CODE);
  }

  @Test
  void onlyMainClassesEndTheProcess() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.mlo\\.(cli\\.(Mlo|Rehearsal)|runner\\.Runner)")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .because("a failure is a value until Mlo turns it into an exit code")
        .check(CODE);
  }

  @Test
  void noClassIsNamedAfterNothing() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl)(\\$.*)?")
        .because("a name says what the thing is or does")
        .check(CODE);
  }
}
