package org.adaptivesoftmax;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** Holds the packages to their floors: each imports only packages below it. */
class ArchitectureTest {
  private static final String ROOT = "org.adaptivesoftmax";
  private static final String CLI = ROOT + ".cli..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void eachPackageImportsOnlyPackagesBelowIt() {
    floors()
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("client")
        .mayOnlyAccessLayers("serving", "model", "root", "sparse", "cluster", "vocabulary", "proto")
        .whereLayer("training")
        .mayOnlyAccessLayers(
            "serving", "model", "root", "sparse", "gradient", "cluster", "vocabulary")
        .whereLayer("serving")
        .mayOnlyAccessLayers(
            "model", "root", "sparse", "gradient", "cluster", "vocabulary", "proto")
        .whereLayer("model")
        .mayOnlyAccessLayers("root", "sparse", "gradient", "cluster", "vocabulary")
        .whereLayer("root")
        .mayOnlyAccessLayers("gradient", "cluster", "vocabulary")
        .whereLayer("sparse")
        .mayOnlyAccessLayers("gradient", "cluster", "vocabulary")
        .whereLayer("gradient")
        .mayNotAccessAnyLayer()
        .whereLayer("cluster")
        .mayNotAccessAnyLayer()
        .whereLayer("vocabulary")
        .mayNotAccessAnyLayer()
        .whereLayer("proto")
        .mayNotAccessAnyLayer()
        .check(CLASSES);
  }

  private static LayeredArchitecture floors() {
    LayeredArchitecture floors =
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .ensureAllClassesAreContainedInArchitecture()
            .layer("root")
            .definedBy(ROOT);
    String[] packages = {
      "cli",
      "client",
      "training",
      "serving",
      "model",
      "sparse",
      "gradient",
      "cluster",
      "vocabulary",
      "proto"
    };
    for (String name : packages) {
      floors = floors.layer(name).definedBy(ROOT + "." + name + "..");
    }
    return floors;
  }

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theGroundFloorNeedsNoTensorFlow() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".cluster..", ROOT + ".vocabulary..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tensorflow..")
        .check(CLASSES);
  }

  @Test
  void onlyCommandsPrint() {
    noClasses().that().resideOutsideOfPackage(CLI).should(ACCESS_STANDARD_STREAMS).check(CLASSES);
  }

  @Test
  void onlyCommandsParseArgumentsAndDrawProgress() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CLI)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "me.tongfei..")
        .check(CLASSES);
  }

  /** One slice per package, the root package included. */
  private static final class Packages implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      return SliceIdentifier.of(javaClass.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
