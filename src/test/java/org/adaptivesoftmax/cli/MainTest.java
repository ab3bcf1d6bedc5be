package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.TensorFlow;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "--nonsense", "--json=perhaps"})
  void badArgumentsAreOneLine(String argument) {
    CommandRun run = CommandRun.of(argument);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("adaptive-softmax: ").containsOnlyOnce("\n");
    assertThat(run.err()).contains(argument.replaceAll(".*=", ""));
  }

  @Test
  void verboseAddsTheStackTrace() {
    CommandRun run = CommandRun.of("--verbose", "nonsense");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("adaptive-softmax: ", "\tat ");
  }

  @Test
  void aMessageIsOneLineThatSaysWhatIsWrong() {
    assertThat(FailureReport.message(new NoSuchFileException("a/b"))).isEqualTo("no such file: a/b");
    assertThat(FailureReport.message(new AccessDeniedException("a/b"))).isEqualTo("permission denied: a/b");
    assertThat(FailureReport.message(new FileAlreadyExistsException("a/b")))
        .isEqualTo("java.nio.file.FileAlreadyExistsException: a/b");
    assertThat(FailureReport.message(new FileSystemException("a/b", null, "No space left on device")))
        .isEqualTo("a/b: No space left on device");
    assertThat(FailureReport.message(new IllegalStateException("first\n  second\n")))
        .isEqualTo("first second");
    assertThat(FailureReport.message(new OutOfMemoryError())).isEqualTo("java.lang.OutOfMemoryError");
  }

  @Test
  void versionsAreAResult() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .matches("\\d+\\.\\d+\\.\\d+\\S*, TensorFlow \\Q" + TensorFlow.version() + "\\E\n");
  }

  @Test
  void aCommandHasHelpOfItsOwn() {
    CommandRun run = CommandRun.of("import-pytorch", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: adaptive-softmax import-pytorch").contains("--json");
  }

  @Test
  void helpIsAResult() {
    CommandRun run = CommandRun.of("--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: adaptive-softmax");
    assertThat(run.err()).isEmpty();
  }
}
