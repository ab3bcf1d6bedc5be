package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.adaptivesoftmax.cli.CommandRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrowthCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--classes, '4000', 'classes must increase from 4000: [4000]'",
    "--classes, '9000,5000', 'classes must increase from 4000: [9000, 5000]'",
    "--rounds, 0, rounds must be at least 1: 0"
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "growth", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + "\n");
  }
}
