package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
