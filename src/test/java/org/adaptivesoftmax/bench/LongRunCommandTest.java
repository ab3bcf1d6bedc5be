package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.adaptivesoftmax.cli.CommandRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongRunCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--steps, 1000, 'steps must be a multiple of every 1000, twice or more: 1000'",
    "--steps, 2500, 'steps must be a multiple of every 1000, twice or more: 2500'",
    "--every, 0, every must be at least 1: 0"
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "long-run", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + "\n");
  }
}
