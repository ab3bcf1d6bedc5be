package org.adaptivesoftmax;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the packages to their lines: each imports only packages on a lower one. */
class ArchitectureTest {
  private static final String ROOT = "org.adaptivesoftmax";

  /** From the top to the bottom; the empty name is the root package. One room is still to come. */
  private static final List<List<String>> LINES =
      List.of(
          List.of("cli"),
          List.of("server"),
          List.of("remote", "local"),
          List.of("client"),
          List.of("distributed"),
          List.of("lifecycle"),
          List.of("training"),
          List.of("inference"),
          List.of("export"),
          List.of("pytorch"),
          List.of("savedmodel"),
          List.of("model"),
          List.of("embedding"),
          List.of(""),
          List.of("loss", "decoding"),
          List.of("assoftmax"),
          List.of("internal.weights"),
          List.of("gradient"),
          List.of("internal.graph", "internal.tensors"),
          List.of("cluster", "text"),
          List.of("internal.io"),
          List.of("proto"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static final DescribedPredicate<JavaClass> ON_A_LINE =
      DescribedPredicate.describe("in a package of the house", c -> line(c) >= 0);

  private static final DescribedPredicate<JavaClass> ARE_API =
      DescribedPredicate.describe("are public API", ArchitectureTest::isApi);

  @Test
  void everyPackageHasItsLine() {
    classes().should(new OnALine()).check(CLASSES);
  }

  @Test
  void eachPackageImportsOnlyPackagesOnALowerLine() {
    classes().that(ON_A_LINE).should(new ImportLowerLines()).check(CLASSES);
  }

  /** What a user's compiler or documentation would show: a type in {@code internal} may change any day. */
  @Test
  void noPublicSignatureNamesAnInternalType() {
    classes().that(ARE_API).should(new NameNoInternalType()).check(CLASSES);
  }

  @Test
  void theLowestLinesNeedNoTensorFlow() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".cluster", ROOT + ".text", ROOT + ".internal.io")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tensorflow..")
        .check(CLASSES);
  }

  @Test
  void onlyCommandsPrint() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli")
        .should(ACCESS_STANDARD_STREAMS)
        .check(CLASSES);
  }

  @Test
  void onlyCommandsParseArgumentsAndDrawProgress() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "me.tongfei..")
        .check(CLASSES);
  }

  /** {@return the number of the line of a class's package, 0 at the top; −1 if it has none} */
  private static int line(JavaClass javaClass) {
    String name = javaClass.getPackageName();
    String room = name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    for (int line = 0; line < LINES.size(); line++) {
      if (LINES.get(line).contains(room)) {
        return line;
      }
    }
    return -1;
  }

  private static boolean isInternal(JavaClass javaClass) {
    return javaClass.getPackageName().startsWith(ROOT + ".internal");
  }

  /** Public with all that it is nested in, and neither internal nor a command. */
  private static boolean isApi(JavaClass javaClass) {
    return javaClass.getModifiers().contains(JavaModifier.PUBLIC)
        && javaClass.getEnclosingClass().map(ArchitectureTest::isApi).orElse(true)
        && !isInternal(javaClass)
        && !javaClass.getPackageName().equals(ROOT + ".cli");
  }

  private static final class NameNoInternalType extends ArchCondition<JavaClass> {
    NameNoInternalType() {
      super("name no internal type in a public signature");
    }

    @Override
    public void check(JavaClass javaClass, ConditionEvents events) {
      Stream.concat(javaClass.getRawInterfaces().stream(), javaClass.getRawSuperclass().stream())
          .forEach(type -> named(javaClass, javaClass.getName(), type, events));
      for (JavaMember member : javaClass.getMembers()) {
        if (member.getModifiers().contains(JavaModifier.PUBLIC)
            || member.getModifiers().contains(JavaModifier.PROTECTED)) {
          member
              .getAllInvolvedRawTypes()
              .forEach(type -> named(javaClass, member.getDescription(), type, events));
        }
      }
    }

    private static void named(
        JavaClass javaClass, String where, JavaClass type, ConditionEvents events) {
      events.add(
          new SimpleConditionEvent(
              javaClass,
              !isInternal(type.getBaseComponentType()),
              "%s names %s".formatted(where, type.getName())));
    }
  }

  private static final class OnALine extends ArchCondition<JavaClass> {
    OnALine() {
      super("be in a package of the house");
    }

    @Override
    public void check(JavaClass javaClass, ConditionEvents events) {
      events.add(new SimpleConditionEvent(javaClass, line(javaClass) >= 0, javaClass.getName()));
    }
  }

  private static final class ImportLowerLines extends ArchCondition<JavaClass> {
    ImportLowerLines() {
      super("import only packages on a lower line");
    }

    @Override
    public void check(JavaClass javaClass, ConditionEvents events) {
      for (Dependency dependency : javaClass.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT)
            && !target.getPackageName().equals(javaClass.getPackageName())) {
          events.add(
              new SimpleConditionEvent(
                  dependency, line(target) > line(javaClass), dependency.getDescription()));
        }
      }
    }
  }
}
