package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.adaptivesoftmax.cli.CommandRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguageModelBenchCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--rounds, 0, rounds must be at least 1: 0",
    "--steps, 0, steps must be at least 1: 0",
    "--corpus, none.txt, no such file: none.txt"
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "language-model", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).containsOnlyOnce("\n");
  }
}
