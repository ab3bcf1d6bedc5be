package org.adaptivesoftmax;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** Holds the packages to their floors: each imports only packages below it. */
@AnalyzeClasses(
    packages = "org.adaptivesoftmax",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CLI = "org.adaptivesoftmax.cli..";

  @ArchTest
  static final ArchRule floors =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .ensureAllClassesAreContainedInArchitecture()
          .layer("cli")
          .definedBy(CLI)
          .layer("training")
          .definedBy("org.adaptivesoftmax.training..")
          .layer("serving")
          .definedBy("org.adaptivesoftmax.serving..")
          .layer("root")
          .definedBy("org.adaptivesoftmax")
          .layer("sparse")
          .definedBy("org.adaptivesoftmax.sparse..")
          .layer("gradient")
          .definedBy("org.adaptivesoftmax.gradient..")
          .layer("cluster")
          .definedBy("org.adaptivesoftmax.cluster..")
          .layer("vocabulary")
          .definedBy("org.adaptivesoftmax.vocabulary..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("training")
          .mayOnlyAccessLayers("serving", "root", "sparse", "gradient", "cluster", "vocabulary")
          .whereLayer("serving")
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
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule noCycles =
      slices().assignedFrom(SliceAssignmentByPackage.INSTANCE).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theGroundFloorNeedsNoTensorFlow =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAnyPackage("org.adaptivesoftmax.cluster..", "org.adaptivesoftmax.vocabulary..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.tensorflow..");

  @ArchTest
  static final ArchRule onlyCommandsPrint =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule onlyCommandsParseArgumentsAndDrawProgress =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "me.tongfei..");

  /** One slice per package, the root package included. */
  private enum SliceAssignmentByPackage implements SliceAssignment {
    INSTANCE;

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
