package org.adaptivesoftmax.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.adaptivesoftmax.cli.InspectFuzz;
import org.adaptivesoftmax.internal.io.FileTree;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The inputs that fuzzing starts from, and those that it found, read by the targets that they are for. Jazzer takes no part in
 * it: its agent would rewrite what other tests use.
 */
class FuzzCorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/fuzz");

  static List<FuzzTarget> inThisProcess() {
    return FuzzTargets.ALL.stream().filter(target -> !target.equals(InspectFuzz.INSPECT)).toList();
  }

  @ParameterizedTest
  @MethodSource("inThisProcess")
  void whatWasFoundHolds(FuzzTarget target) throws IOException {
    check(target);
  }

  @Test
  @Tag("slow")
  void whatWasFoundHoldsForAProcessOfItsOwn() throws IOException {
    check(InspectFuzz.INSPECT);
  }

  private static void check(FuzzTarget target) throws IOException {
    List<Path> files = inputs(target);
    assertThat(files).isNotEmpty();
    try (Oracle oracle = new Oracle(target)) {
      oracle.check(new byte[0]);
      for (Path file : files) {
        try {
          oracle.check(Files.readAllBytes(file));
        } catch (AssertionError broken) {
          throw new AssertionError(file + ": " + broken.getMessage(), broken);
        }
      }
    }
  }

  /** Where fuzzing would find little, as nothing is read. */
  @ParameterizedTest
  @MethodSource("inThisProcess")
  void anInputToStartFromIsValid(FuzzTarget target) throws Exception {
    List<String> refused = new ArrayList<>();
    Path directory = Files.createTempDirectory("fuzz-seeds");
    try {
      for (Path file : inputs(target)) {
        if (!file.getFileName().toString().matches("(found|refused)-.*")) {
          try {
            target.reader().read(Files.readAllBytes(file), directory);
          } catch (Exception e) { // whatever it is, it is refused
            refused.add(file + ": " + e);
          }
        }
      }
    } finally {
      FileTree.delete(directory);
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void everyDirectoryHasATarget() throws IOException {
    try (Stream<Path> directories = Files.list(CORPUS)) {
      assertThat(directories.map(directory -> directory.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              FuzzTargets.ALL.stream().map(FuzzTarget::name).toList());
    }
  }

  private static List<Path> inputs(FuzzTarget target) throws IOException {
    try (Stream<Path> files = Files.list(CORPUS.resolve(target.name()))) {
      return files.sorted().toList();
    }
  }
}
