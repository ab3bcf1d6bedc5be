package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.adaptivesoftmax.cli.CommandRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainStepCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--shape, medium, 'shape must be all or one of'",
    "--rounds, 0, rounds must be at least 1: 0",
    "--threads, -1, threads must be at least 1: -1",
    "--peer, tensorflow, --peer"
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "train-step", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(message, value).containsOnlyOnce("\n");
  }
}
